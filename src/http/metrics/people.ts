import { channels, type Escalations, MISSED_AFTER_MS } from "../../incident/escalation.ts";
import { type Pages, pageOutcomes } from "../../incident/pages.ts";
import type { Figures, Source } from "./figures.ts";

/** N1: how pages went, by channel. Above 0 for `lost`: a page reached nobody but the log. */
export function pageMetrics({ counter }: Figures, pages: Pick<Pages, "counts">): Source {
  const sent = counter(
    "tourniquet_pages_total",
    "Attempts to tell a channel of a page, by outcome: delivered, failed, given-up or lost.",
    "channel",
    "outcome",
  );
  return async () => {
    const counts = await pages.counts();
    sent.reset();
    // What did not happen yet is 0, so that its first time is an increase.
    for (const channel of [...channels, "log"]) for (const outcome of pageOutcomes) sent.inc({ channel, outcome }, 0);
    for (const { channel, outcome, count } of counts) sent.inc({ channel, outcome }, count);
  };
}

/** N2: whoever should have told has not, and nobody has taken the incident on. */
export function escalationMetrics({ gauge }: Figures, escalations: Pick<Escalations, "overdue">): Source {
  const help = `Escalations that nobody was told of and whose time passed more than ${MISSED_AFTER_MS / 1000} s ago.`;
  const missed = gauge("tourniquet_escalations_missed", help);
  return async () => missed.set(await escalations.overdue(MISSED_AFTER_MS));
}
