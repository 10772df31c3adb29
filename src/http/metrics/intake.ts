import { dispositions } from "../../incident/event.ts";
import type { Inbox } from "../../incident/inbox.ts";
import type { Figures, Source } from "./figures.ts";

/** accepted = sum of dispositions + pending, at all times (G2): the scrape shows the equation. */
export function intakeMetrics({ gauge, counter }: Figures, inbox: Pick<Inbox, "stats">): Source {
  const accepted = counter(
    "tourniquet_intake_accepted_total",
    "Events that were durably accepted, duplicates included.",
  );
  const rejected = counter("tourniquet_intake_rejected_total", "Authentic deliveries that were no valid event.");
  const disposed = counter("tourniquet_intake_dispositions_total", "Accepted events by how they ended.", "disposition");
  const pending = gauge("tourniquet_intake_pending", "Accepted events without a disposition yet.");
  const kept = gauge("tourniquet_intake_quarantine_size", "Rejected deliveries that are kept for inspection.");
  const oldest = gauge("tourniquet_intake_oldest_pending_seconds", "Age of the oldest event without a disposition.");
  return async () => {
    const stats = await inbox.stats();
    for (const metric of [accepted, rejected, disposed]) metric.reset();
    accepted.inc(stats.accepted);
    rejected.inc(stats.rejected);
    for (const disposition of dispositions) disposed.inc({ disposition }, stats.dispositions[disposition]);
    pending.set(stats.pending);
    kept.set(stats.quarantineSize);
    oldest.set(stats.oldestPendingMs / 1000);
  };
}
