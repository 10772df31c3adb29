import type { RequestHandler } from "express";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Escalations } from "../incident/escalation.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Measures } from "../incident/measures.ts";
import type { Pages } from "../incident/pages.ts";
import type { RedisProbe } from "../incident/redis-state.ts";
import type { Queues } from "../queues/dispatch.ts";
import { within } from "./deadline.ts";
import { lately } from "./lately.ts";
import { figuresIn } from "./metrics/figures.ts";
import { incidentMetrics } from "./metrics/incidents.ts";
import { intakeMetrics } from "./metrics/intake.ts";
import { escalationMetrics, pageMetrics } from "./metrics/people.ts";
import { breakerMetrics, type PolicyMetricsPorts, settingsMetrics } from "./metrics/policy.ts";
import { processMetrics, redisMetrics } from "./metrics/process.ts";
import { queueMetrics } from "./metrics/queues.ts";

export interface MetricsPorts extends PolicyMetricsPorts {
  inbox: Pick<Inbox, "stats">;
  measures: Measures;
  escalations: Pick<Escalations, "overdue">;
  queues: Pick<Queues, "all" | "isInHand">;
  pages: Pick<Pages, "counts">;
  redisProbe: RedisProbe;
  /** How often the webhook answered each status, counted since the start of this process. */
  webhookAnswers: ReadonlyMap<number, number>;
}

const READ_WITHIN_MS = 2_000;

/**
 * Open like every exporter: no secret and no agent id stands in it. What lies in Redis is read at the scrape, so that every
 * process shows the same truth; if Redis is away, the rest is still shown and `tourniquet_redis_up` is 0. lookedForMs: how long one
 * collection answers everybody.
 */
export function createMetrics(ports: MetricsPorts, lookedForMs: number): RequestHandler {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const figures = figuresIn(registry);
  const sources = [
    processMetrics(figures, ports.webhookAnswers),
    intakeMetrics(figures, ports.inbox),
    incidentMetrics(figures, ports.measures),
    queueMetrics(figures, ports.queues),
    escalationMetrics(figures, ports.escalations),
    pageMetrics(figures, ports.pages),
    breakerMetrics(figures, ports),
    settingsMetrics(figures, ports),
    redisMetrics(figures, ports.redisProbe),
  ];
  const up = figures.gauge("tourniquet_redis_up", "Is 1 if all that lies in Redis could be read just now.");
  const collect = lately(lookedForMs, async () => {
    const read = await Promise.allSettled(sources.map((source) => within(READ_WITHIN_MS, source())));
    up.set(read.every(({ status }) => status === "fulfilled") ? 1 : 0);
    return registry.metrics();
  });
  return async (_req, res) => void res.set("content-type", registry.contentType).send(await collect());
}
