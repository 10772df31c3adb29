import type { GatewayEvent } from "../incident/event.ts";
import type { Signal } from "../incident/signal.ts";
import type { Thresholds } from "../settings/thresholds.ts";
import { eventTypeOf } from "./events/index.ts";

/** What this event alone proves (design.md, decision 7); what needs a window is judged by the rules. */
export function judge(event: GatewayEvent, thresholds: Thresholds): readonly Signal[] {
  return eventTypeOf(event.type)?.judge?.(event, thresholds) ?? [];
}
