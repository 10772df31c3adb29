import type { EventSource } from "../incident/event.ts";
import { isHearsay } from "../incident/hearsay.ts";
import type { Signal } from "../incident/signal.ts";
import { callsForContainment, type PolicyAnswer } from "./policy.ts";

/** What an event proves, as far as its source may be believed: from the bus alone nothing is worse than a warning. */
export function believed(source: EventSource, signals: readonly Signal[]): readonly Signal[] {
  if (source !== "bus") return signals;
  return signals.map((signal) => ({
    ...signal,
    severity: signal.severity === "critical" ? "warning" : signal.severity,
    why: {
      ...signal.why,
      sentence: `${signal.why.sentence} Heard on the gateway's event bus only, which every key can write to.`,
      observed: { ...signal.why.observed, heardOn: "bus" },
    },
  }));
}

/** Whatever a line of policy says to it: what rests on the bus alone is told to a person. */
export function toldOnly(signal: Signal, policy: PolicyAnswer): PolicyAnswer {
  if (!isHearsay(signal) || !callsForContainment(policy)) return policy;
  return { tier: "alert-human", reason: `heard on the bus only: told, not contained (else ${policy.reason})` };
}
