import type { IncidentView } from "../../incident/incident.ts";
import { isOutflow } from "../../incident/outflow.ts";
import type { Signal } from "../../incident/signal.ts";
import { eventsIn } from "../kept-events.ts";
import { escrowsTold, type Parts, transactionsTold } from "./evidence.ts";

/**
 * D3 judges what was spent in an interval as a whole, so that its trouble began with the first payment of it, whichever was judged
 * first and stands in the signal.
 */
export function fromFirstPayments(incident: IncidentView, parts: Parts): IncidentView {
  const paid = (transactionsTold(parts) ?? []).filter(({ amount, description }) => isOutflow(amount, description));
  const opened = (escrowsTold(parts, "latest") ?? []).filter(({ payer }) => payer === incident.agentId);
  const times = [...paid, ...opened].flatMap(({ createdAt }) => createdAt ?? []);
  const signals = incident.signals.map((signal) => {
    const from = startOfInterval(signal);
    const earlier = times.filter((at) => from !== null && at >= from && at < (signal.startedAt ?? signal.occurredAt));
    return earlier.length === 0 ? signal : { ...signal, startedAt: Math.min(...earlier) };
  });
  return { ...incident, signals };
}

/** Null: it judges no interval. */
function startOfInterval({ kind, occurredAt, why }: Signal): number | null {
  const { intervalMs } = why.thresholds;
  if (kind !== "cost-anomaly" || typeof intervalMs !== "number") return null;
  return Math.floor(occurredAt / intervalMs) * intervalMs;
}

/** The gateway tells of an escrow a moment after it has opened it, and shows the two times as they were. */
const TOLD_WITHIN_MS = 1_000;

/**
 * From when on rows belong to the trouble: the first anomaly is the time of an event, and the escrow that it tells of may have been
 * opened just before. One that no event names is no part of it, however close.
 */
export function beginningOf(parts: Parts, firstAnomalyAt: number): number {
  const bodies = Object.values(parts).flatMap((part) =>
    eventsIn(part).flatMap((event) => ("body" in event ? [event.body] : [])),
  );
  const opened = (escrowsTold(parts, "latest") ?? []).flatMap(({ id, createdAt }) => {
    const isJustBefore =
      createdAt !== null && createdAt < firstAnomalyAt && createdAt >= firstAnomalyAt - TOLD_WITHIN_MS;
    return isJustBefore && bodies.some((body) => body.includes(JSON.stringify(id))) ? [createdAt] : [];
  });
  return Math.min(firstAnomalyAt, ...opened);
}
