import type { EventFacts, GatewayEvent } from "../../incident/event.ts";
import type { Signal } from "../../incident/signal.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import type { Envelope } from "./envelope.ts";
import type { Mistake } from "./mistake.ts";

export type Reading =
  | { ok: true; facts: EventFacts; agentId: string | null }
  | { ok: false; mistakes: readonly Mistake[] };

/** One type of event: shape and judgement together. Growing the product by a type is one such file and one line in index.ts. */
export interface EventType {
  /** The first is ours, the others are aliases in use. */
  names: readonly string[];
  /** Whether a worker has something to do; a type that never triggers anything says why instead. */
  follows: "correlate" | { ignored: string };
  /** Tolerant of the field names in use (mission I1); answers every mistake at once. */
  read(envelope: Envelope): Reading;
  /** What this event alone proves; absent where that is nothing. Deterministic: intake and worker both ask. */
  judge?(event: GatewayEvent, thresholds: Thresholds): readonly Signal[];
}
