import type { RequestHandler } from "express";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { type Escalations, MISSED_AFTER_MS } from "../incident/escalation.ts";
import { dispositions } from "../incident/event.ts";
import type { Inbox } from "../incident/inbox.ts";
import { transitions } from "../incident/incident.ts";
import type { Pages } from "../incident/pages.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Queues } from "../queues/dispatch.ts";
import { within } from "./deadline.ts";
import { pageMetrics } from "./page-metrics.ts";
import { breakerMetrics, type PolicyMetricsPorts, settingsMetrics } from "./policy-metrics.ts";

export interface MetricsPorts extends PolicyMetricsPorts {
  inbox: Pick<Inbox, "stats">;
  incidents: Pick<Incidents, "list">;
  escalations: Pick<Escalations, "overdue">;
  queues: Pick<Queues, "all">;
  pages: Pick<Pages, "counts">;
  /** How often the webhook answered each status, counted since the start of this process. */
  webhookAnswers: ReadonlyMap<number, number>;
}

const STATES = ["waiting", "active", "delayed", "completed", "failed"] as const;
const NEWEST_INCIDENTS = 200;
const READ_WITHIN_MS = 2_000;

/**
 * Open like every exporter: no secret and no agent id stands in it. What lies in Redis is read at the scrape, so that every
 * process shows the same truth; if Redis is away, the rest is still shown and `tourniquet_redis_up` is 0.
 */
export function createMetrics(ports: MetricsPorts): RequestHandler {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const sources = [
    intake(registry, ports.inbox),
    incidents(registry, ports.incidents),
    queues(registry, ports.queues),
    escalations(registry, ports.escalations),
    pageMetrics(registry, ports.pages),
    breakerMetrics(registry, ports),
    settingsMetrics(registry, ports),
  ];
  const up = gauge(registry, "tourniquet_redis_up", "1 if everything below that lies in Redis could be read just now");
  const answers = counter(
    registry,
    "tourniquet_webhook_answers_total",
    "Answers of this process to webhooks",
    "status",
  );
  return async (_req, res) => {
    const read = await Promise.allSettled(sources.map((source) => within(READ_WITHIN_MS, source())));
    up.set(read.every(({ status }) => status === "fulfilled") ? 1 : 0);
    answers.reset();
    for (const [status, count] of ports.webhookAnswers) answers.inc({ status }, count);
    res.set("content-type", registry.contentType).send(await registry.metrics());
  };
}

type Source = () => Promise<void>;

/** accepted = sum of dispositions + pending, at all times (G2): the scrape shows the equation. */
function intake(registry: Registry, inbox: MetricsPorts["inbox"]): Source {
  const accepted = counter(
    registry,
    "tourniquet_intake_accepted_total",
    "Events durably accepted, duplicates included",
  );
  const rejected = counter(
    registry,
    "tourniquet_intake_rejected_total",
    "Authentic deliveries that were no valid event",
  );
  const disposed = counter(
    registry,
    "tourniquet_intake_dispositions_total",
    "How accepted events ended",
    "disposition",
  );
  const pending = gauge(registry, "tourniquet_intake_pending", "Accepted events without a disposition yet");
  const kept = gauge(registry, "tourniquet_intake_quarantine_size", "Rejected deliveries kept for inspection");
  const oldest = gauge(registry, "tourniquet_intake_oldest_pending_seconds", "Age of the oldest pending event");
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

function incidents(registry: Registry, store: MetricsPorts["incidents"]): Source {
  const help = `Incidents by status, of the newest ${NEWEST_INCIDENTS}`;
  const byStatus = gauge(registry, "tourniquet_incidents", help, "status");
  return async () => {
    const newest = await store.list(NEWEST_INCIDENTS);
    for (const status of Object.keys(transitions))
      byStatus.set({ status }, newest.filter((incident) => incident.status === status).length);
  };
}

/** Summed over partitions: how work is spread is not what somebody is woken up for. */
function queues(registry: Registry, open: MetricsPorts["queues"]): Source {
  const jobs = gauge(registry, "tourniquet_queue_jobs", "Jobs by queue and state", "queue", "state");
  return async () => {
    const rows = open.all();
    const counts = await Promise.all(rows.map(({ bull }) => bull.getJobCounts(...STATES)));
    jobs.reset();
    for (const [index, { queue }] of rows.entries())
      for (const state of STATES) jobs.inc({ queue, state }, counts[index]?.[state] ?? 0);
  };
}

/** N2: whoever should have told has not, and nobody has taken the incident on. */
function escalations(registry: Registry, store: MetricsPorts["escalations"]): Source {
  const help = `Escalations whose time passed more than ${MISSED_AFTER_MS / 1000} s ago and that nobody was told of`;
  const missed = gauge(registry, "tourniquet_escalations_missed", help);
  return async () => missed.set(await store.overdue(MISSED_AFTER_MS));
}

function counter(registry: Registry, name: string, help: string, ...labelNames: string[]) {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

function gauge(registry: Registry, name: string, help: string, ...labelNames: string[]) {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}
