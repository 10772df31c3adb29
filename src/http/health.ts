import type { RequestHandler } from "express";
import type { Mistake } from "../detect/events/mistake.ts";
import { describeError } from "../errors.ts";
import type { Breakers } from "../incident/breaker.ts";
import { type Escalations, MISSED_AFTER_MS } from "../incident/escalation.ts";
import type { Log } from "../incident/ports.ts";
import type { RedisProbe, RedisState } from "../incident/redis-state.ts";
import type { Queues } from "../queues/dispatch.ts";
import type { HeldSettings } from "../settings/holder.ts";
import type { Settings } from "../settings/settings.ts";
import { within } from "./deadline.ts";
import { lately } from "./lately.ts";
import { type Problem, sendProblem } from "./problem.ts";

const PROBE_WITHIN_MS = 2_000;
/** From here on new events may be refused any moment (guarantees.md section 8). */
const FULL_SHARE = 0.9;

/** The process runs and its loop turns; nothing else is asked, so that an outage of Redis restarts nobody. */
export const alive: RequestHandler = (_req, res) => {
  res.json({ status: "ok" });
};

export interface ReadinessPorts {
  redisProbe: RedisProbe;
  log: Pick<Log, "warn">;
  queues: Pick<Queues, "all">;
  breakers: Pick<Breakers, "counts">;
  settings: Pick<Settings, "breaker">;
  heldSettings: Pick<HeldSettings, "state">;
  escalations: Pick<Escalations, "overdue">;
  /** Left out: nobody looks. */
  proxyWarnings?: () => readonly Mistake[];
}

/** Whether this process should be given work. Names everything that is wrong at once. lookedForMs: how long one look answers everybody. */
export function readiness(ports: ReadinessPorts, lookedForMs: number): RequestHandler {
  const look = lately(lookedForMs, () => lookAround(ports));
  return async (_req, res) => {
    const found = await look();
    if ("problem" in found) sendProblem(res, found.problem);
    else res.json(found.ready);
  };
}

async function lookAround(ports: ReadinessPorts): Promise<{ problem: Problem } | { ready: object }> {
  const [redis, queues] = await Promise.all([lookAtRedis(ports), queueTroubles(ports.queues)]);
  const errors = [...redis.errors, ...queues];
  const warnings = [...redis.warnings, ...(ports.proxyWarnings?.() ?? [])];
  if (errors.length === 0) return { ready: { status: "ready", warnings, ...(await standing(ports)) } };
  const detail = errors.map(({ field, problem }) => `${field} ${problem}`).join("; ");
  return { problem: { status: 503, kind: "not-ready", detail, errors, headers: { "retry-after": "5" } } };
}

/** What does not keep it from working, and somebody should know: old settings go on holding, an open breaker is one agent's. */
async function standing({ breakers, settings, heldSettings, escalations }: ReadinessPorts) {
  const { hash, loadedAt, failure } = heldSettings.state;
  const [{ open, halfOpen }, missed] = await within(
    PROBE_WITHIN_MS,
    Promise.all([breakers.counts(settings.breaker), escalations.overdue(MISSED_AFTER_MS)]),
  );
  return {
    settings: { hash, loadedAt: new Date(loadedAt).toISOString(), isStale: failure !== null },
    breakers: { open, halfOpen },
    // Above 0: nobody was told, and the notification worker should be looked at (N2).
    escalations: { missed },
  };
}

/** warnings: what must take no process out of the load balancer, since no other one has it better, and work goes on (replicas.ts). */
async function lookAtRedis({ redisProbe, log }: ReadinessPorts) {
  let state: RedisState;
  try {
    state = await within(PROBE_WITHIN_MS, redisProbe());
  } catch (error) {
    // Why it does not may name addresses of ours, and anybody may ask here: that is for the log.
    const trouble = describeError(error);
    log.warn(trouble, "readiness.redis");
    const problem = `does not take a write (${trouble.code}): the log line readiness.redis says why`;
    return { errors: [{ field: "redis", problem }], warnings: [] };
  }
  const troubles: string[] = [];
  if (state.maxBytes > 0 && state.usedBytes >= state.maxBytes * FULL_SHARE)
    troubles.push(`uses ${state.usedBytes} of ${state.maxBytes} bytes`);
  if (!state.aofEnabled && !state.waitsForReplicas) troubles.push("has no append-only file: set appendonly yes");
  if (!state.aofLastWriteOk) troubles.push("could not write its append-only file");
  if (state.evictionPolicy !== "noeviction") troubles.push("may evict keys: set maxmemory-policy noeviction");
  const ofRedis = (problem: string) => ({ field: "redis", problem });
  const missing = `has ${state.missingReplicas} replicas too few in step: events that need them are worked and answered 503`;
  return { errors: troubles.map(ofRedis), warnings: state.missingReplicas > 0 ? [ofRedis(missing)] : [] };
}

async function queueTroubles(queues: Pick<Queues, "all">) {
  const answers = await Promise.allSettled(queues.all().map(({ bull }) => within(PROBE_WITHIN_MS, bull.getMeta())));
  const silent = queues.all().filter((_, index) => answers[index]?.status === "rejected");
  return silent.map(({ queue, partition }) => ({ field: `queue ${queue}/${partition}`, problem: "does not answer" }));
}
