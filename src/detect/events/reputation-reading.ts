import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find, readNumber } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** A reputation as a poller read it. Alone it proves nothing: the drop is against the agent's baseline (observers/standing.ts). */
export const reputationReading: EventType = { names: ["reputation_reading"], follows: "correlate", read };

/** score 0..1; null or absent: the gateway never computed one, which is unknown and no drop. */
function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readAgent(envelope, mistakes);
  const found = find(envelope, ["score"]);
  const score = readNumber(found, mistakes);
  if (score !== null && (score < 0 || score > 1)) mistakes.push({ field: found!.path, problem: "must be 0 to 1" });
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, agentId, facts: { kind: "standing", score } };
}
