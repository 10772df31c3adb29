import { readActor } from "./agent.ts";
import type { EventType } from "./event-type.ts";
import type { Mistake } from "./mistake.ts";

/** What an agent said. Kept for the investigation; no rule reads it. */
export const output: EventType = {
  names: ["output"],
  follows: { ignored: "output" },
  read(envelope) {
    const mistakes: Mistake[] = [];
    const agentId = readActor(envelope, mistakes);
    return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, agentId, facts: { kind: "output" } };
  },
};
