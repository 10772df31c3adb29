import { sumDollars } from "../incident/dollars.ts";
import type { EscrowRecord, Incident, IncidentView, Receipt, StepView, TimelineEntry } from "../incident/incident.ts";
import type { Recovery } from "../incident/recovery.ts";
import type { Signal } from "../incident/signal.ts";
import type { RedisConnection } from "./connection.ts";
import { readEscalation } from "./escalations.ts";
import { keys } from "./keys.ts";

/** Null for a hash that is not there. */
export function readIncident(fields: Record<string, string>): Incident | null {
  if (!fields.id) return null;
  const time = (name: string) => (fields[name] ? Number(fields[name]) : null);
  return {
    id: fields.id,
    agentId: fields.agentId ?? "",
    status: fields.status as Incident["status"],
    priority: fields.priority as Incident["priority"],
    runbook: fields.runbook ?? "",
    runbooks: (fields.runbooks ?? fields.runbook ?? "").split(","),
    dryRun: fields.dryRun === "1",
    cascadeId: fields.cascadeId || null,
    epoch: Number(fields.epoch),
    receivedAt: Number(fields.receivedAt),
    observedFrom: time("observedFrom"),
    openedAt: Number(fields.openedAt),
    requestedAt: time("requestedAt"),
    effectiveAt: time("effectiveAt"),
    containedAt: time("containedAt"),
    escrowsCountedAt: time("escrowsCountedAt"),
    walletFrozenAt: time("walletFrozenAt"),
    toAnnounce: fields.lastContainedAt === fields.announcedAt ? null : time("lastContainedAt"),
    closedAt: time("closedAt"),
    decidedBy: fields.decidedBy ?? "",
    joinedAt: Number(fields.joinedAt ?? fields.openedAt),
    signalCount: Number(fields.signalCount ?? 0),
    reassertions: Number(fields.reassertions ?? 0),
    // Whoever asked as nobody, which is refused by now, asked all the same: the hold is lifted.
    standDown:
      fields.standDownBy !== undefined
        ? { by: fields.standDownBy, reason: fields.standDownReason ?? "", askedAt: Number(fields.standDownAt) }
        : null,
    recovery: fields.recovery ? (JSON.parse(fields.recovery) as Recovery) : null,
    supersededBy: fields.supersededBy || null,
    supersedes: fields.supersedes || null,
    escalation: readEscalation(fields),
    acknowledged:
      fields.acknowledgedBy !== undefined ? { by: fields.acknowledgedBy, at: Number(fields.acknowledgedAt) } : null,
  };
}

/** The whole incident as people see it, read in one transaction. Null if there is none. */
export async function readView(redis: RedisConnection, partition: number, id: string): Promise<IncidentView | null> {
  const replies = await redis
    .multi()
    .hgetall(keys.incident(partition, id))
    .hvals(keys.signals(partition, id))
    .hvals(keys.receipts(partition, id))
    .lrange(keys.timeline(partition, id), 0, -1)
    .hvals(keys.escrows(partition, id))
    .exec();
  const [fields, signals, receipts, timeline, escrows] = (replies ?? []).map(([, reply]) => reply) as [
    Record<string, string>,
    string[],
    string[],
    string[],
    string[],
  ];
  const incident = readIncident(fields);
  if (!incident) return null;
  const escrowRecords = escrows.map((text) => JSON.parse(text) as EscrowRecord);
  const entries = timeline.map((text) => JSON.parse(text) as TimelineEntry);
  return {
    ...incident,
    dollars: sumDollars(escrowRecords),
    signals: signals.map((text) => JSON.parse(text) as Signal).sort((a, b) => a.occurredAt - b.occurredAt),
    steps: stepViews(
      receipts.map((text) => JSON.parse(text) as Receipt),
      entries,
    ),
    timeline: entries,
    escrows: escrowRecords,
  };
}

/** Done steps by their receipts, in order of time; then steps that only ever failed. */
function stepViews(receipts: readonly Receipt[], timeline: readonly TimelineEntry[]): StepView[] {
  const done = [...receipts]
    .sort((a, b) => a.at - b.at)
    .map((receipt): StepView => ({ step: receipt.step, status: "done", at: receipt.at, result: receipt.result }));
  const doneNames = new Set(done.map((view) => view.step));
  const failed = new Map<string, StepView>();
  for (const entry of timeline) {
    const step = String(entry.detail.step ?? "");
    if (entry.what === "step-failed" && !doneNames.has(step))
      failed.set(step, { step, status: "failed", at: entry.at, result: entry.detail });
  }
  return [...done, ...failed.values()];
}
