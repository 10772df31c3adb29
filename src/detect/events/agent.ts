import type { Envelope } from "./envelope.ts";
import { type Found, findIn, missing, readId } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

const AGENT = ["agent_id"];
/** What stands in for agent_id, best first: `source` is chosen by whoever publishes, so it comes last (mission I1). */
const STAND_INS = ["payer", "payer_id", "payee", "payee_id", "source"];

/** The agent as the sender names it: agent_id at the top level, then in the payload, then whoever else is named. */
export function findAgent(envelope: Envelope): Found | null {
  const { top, payload, payloadName } = envelope;
  return (
    findIn(top, AGENT, "") ??
    findIn(payload, AGENT, `${payloadName}.`) ??
    findIn(payload, STAND_INS, `${payloadName}.`) ??
    findIn(top, STAND_INS, "")
  );
}

/** An event of a type we judge must say whose money it is about. */
export function readAgent(envelope: Envelope, mistakes: Mistake[]): string | null {
  return readFound(envelope, findAgent(envelope), mistakes);
}

/** What an agent did must name that agent: in telemetry a `source` or a `payer` is somebody or something else. */
export function readActor(envelope: Envelope, mistakes: Mistake[]): string | null {
  const found = findIn(envelope.top, AGENT, "") ?? findIn(envelope.payload, AGENT, `${envelope.payloadName}.`);
  return readFound(envelope, found, mistakes);
}

function readFound(envelope: Envelope, found: Found | null, mistakes: Mistake[]): string | null {
  if (found === null)
    mistakes.push({ ...missing(envelope, "agent_id", "must name the agent the event is about"), field: "agent_id" });
  return readId(found, mistakes);
}
