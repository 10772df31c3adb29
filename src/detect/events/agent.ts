import type { Envelope } from "./envelope.ts";
import { type Found, findIn, missing, readId } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

const AGENT = ["agent_id"];
/** What stands in for agent_id, best first: `source` is chosen by whoever publishes, so it comes last (mission I1). */
const STAND_INS = ["payer", "payer_id", "payee", "payee_id", "source"];

/** The agent as the sender names it: agent_id at the top level, then in the payload, then whoever else is named. */
export function findAgent(envelope: Envelope): Found | null {
  const { top, payload } = envelope;
  return (
    findIn(top, AGENT, "") ??
    findIn(payload, AGENT, "payload.") ??
    findIn(payload, STAND_INS, "payload.") ??
    findIn(top, STAND_INS, "")
  );
}

/** An event of a type we judge must say whose money it is about. */
export function readAgent(envelope: Envelope, mistakes: Mistake[]): string | null {
  const found = findAgent(envelope);
  if (found === null)
    mistakes.push({ ...missing(envelope, "agent_id", "must name the agent the event is about"), field: "agent_id" });
  return readId(found, mistakes);
}
