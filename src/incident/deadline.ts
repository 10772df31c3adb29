import type { Incident, Priority } from "./incident.ts";

/** guarantees.md section 8: what is at most so old is acted on without asking whether it still holds. */
export const ACT_MS = 10 * 60_000;

/** Mission P2: from the webhook to contained. null: P3 is logged, and nobody waits for it. */
export const deadlineMs: Readonly<Record<Priority, number | null>> = {
  P0: 5_000,
  P1: 15 * 60_000,
  P2: 3_600_000,
  P3: null,
};

/** late: contained after its deadline. due: not contained, and the deadline is still to come. overdue: not contained, and it has passed. */
export type Timeliness = "in-time" | "late" | "due" | "overdue" | "none";

/** Whether an incident kept the deadline of its priority, at `now` in milliseconds since 1970. A dry run has none: nothing is done. */
export function timeliness(
  incident: Pick<Incident, "priority" | "receivedAt" | "containedAt" | "closedAt" | "dryRun">,
  now: number,
): { deadlineMs: number | null; timeliness: Timeliness } {
  const limit = incident.dryRun ? null : deadlineMs[incident.priority];
  if (limit === null) return { deadlineMs: null, timeliness: "none" };
  const { containedAt, closedAt, receivedAt } = incident;
  // Stood down before it was contained: the deadline is no longer anybody's.
  if (containedAt === null && closedAt !== null) return { deadlineMs: limit, timeliness: "none" };
  const isWithin = (containedAt ?? now) - receivedAt < limit;
  const [within, after] = containedAt === null ? (["due", "overdue"] as const) : (["in-time", "late"] as const);
  return { deadlineMs: limit, timeliness: isWithin ? within : after };
}
