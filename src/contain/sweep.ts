import type { ContainPorts } from "./ports.ts";

/** An event without a disposition for so long, and without a live job, is added again (G2). */
const OVERDUE_MS = 10_000;
/** G2: pending for longer than this is loud. */
const ALERT_MS = 30_000;
const MOST_AT_ONCE = 200;
/** A look that was taken and lost is due again after this; a healthy containment books its own next look. */
const NEXT_LOOK_MS = 10_000;

/** The inbox, not the queue, is the truth: whatever became of a job, an accepted event is worked until it has a disposition. */
export async function sweepInbox(ports: ContainPorts, partition: number): Promise<number> {
  let added = 0;
  for (const eventId of await ports.inbox.overdue(partition, OVERDUE_MS, MOST_AT_ONCE)) {
    const event = await ports.inbox.load(eventId);
    if (!event) continue;
    const queue = event.verdicts.length > 0 ? "freeze" : "correlate";
    if (await ports.dispatch.isLive(queue, eventId, eventId)) continue;
    const jobId = `${eventId}-again-${Math.floor((await ports.clock.now()) / 30_000)}`;
    const agentId = event.agentId ?? "";
    const { traceparent } = event;
    await (queue === "freeze"
      ? ports.dispatch.add("freeze", eventId, jobId, { eventId, agentId, signalId: null }, { traceparent })
      : ports.dispatch.add("correlate", eventId, jobId, { eventId }, { traceparent }));
    added += 1;
  }
  const [oldest] = await ports.inbox.overdue(partition, ALERT_MS, 1);
  if (oldest) ports.log.error({ partition, eventId: oldest, olderThanMs: ALERT_MS }, "inbox.overdue");
  if (added > 0) ports.log.warn({ partition, added }, "inbox.swept");
  return added;
}

/** Wakes containment for every incident that is due: its hold, its stand-down, or a job that was lost. */
export async function sweepIncidents(ports: ContainPorts, partition: number): Promise<number> {
  const due = await ports.incidents.takeDue(partition, NEXT_LOOK_MS, MOST_AT_ONCE);
  for (const incidentId of due) {
    // One look at a time: a gateway that pushes back must not meet one more loop of ours every interval.
    await ports.dispatch.add("contain", incidentId, `look-${incidentId}`, { incidentId }, { forgotten: true });
  }
  return due.length;
}
