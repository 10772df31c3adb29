import { isHearsay } from "./hearsay.ts";
import { RELAPSE } from "./relapse.ts";
import type { Signal, SignalKind } from "./signal.ts";

/** What a cap that is kept low brings about by itself: an agent that goes on as before uses more of less. */
export const ofLowCaps: readonly SignalKind[] = ["budget-warning", "budget-exhaustion"];

/** always: a warning that a recovery must answer. unless-caps-are-low: not while a recovery itself keeps them low. never: none. */
export type Trouble = "always" | "unless-caps-are-low" | "never";

/**
 * Whether a conclusion about an agent speaks against its recovery, however mild it is (R2). Not: a failed check of ours, which says
 * nothing about it; what only the bus says; and what a recovery itself concluded.
 */
export function troubleIn(signal: Pick<Signal, "kind" | "why">): Trouble {
  if (signal.kind === "detection-failure" || signal.why.rule === RELAPSE || isHearsay(signal)) return "never";
  return ofLowCaps.includes(signal.kind) ? "unless-caps-are-low" : "always";
}
