import { hash as digest } from "node:crypto";
import type { Redis } from "ioredis";
import { type Disposition, dispositions, type EventSource } from "../incident/event.ts";
import type { Delivery, Inbox, IntakeStats, StoredEvent } from "../incident/inbox.ts";
import { type Tracing, untraced } from "../incident/tracing.ts";
import type { Verdict } from "../incident/verdict.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { nodeOf } from "./nodes.ts";
import { newEventId, partitionOf, partitionOfId } from "./partitions.ts";
import { listQuarantine } from "./quarantine.ts";
import type { Replicas } from "./replicas.ts";

const DAY_MS = 86_400_000;
/** G3 and G5: an id is remembered for 7 days, a body without one for 15 minutes. */
const dedupMs = { id: 7 * DAY_MS, body: 15 * 60_000 } as const;
/** How long a decided event stays for replay and backtest. */
const RETENTION_MS = 7 * DAY_MS;
/**
 * What agents tell of themselves is a thousand times more than what the gateway tells, and mostly means nothing. It stays and is
 * remembered long enough for the audit of a whole day (mission F1); what led to an incident stays as long as any event.
 */
const TELEMETRY_MS = 25 * 3_600_000;
const QUARANTINE_SIZE = 1_000;
/** Agents heard of, per partition; what was told of one of them, and for how long. */
const MOST_AGENTS = 10_000;
const MOST_HEARD = 2_000;
const HEARD_MS = DAY_MS;

/** enqueue: starts adding the follow-up job on the same connection, so that event and job leave in one round trip. */
export type Enqueue = (
  queue: "freeze" | "correlate",
  partition: number,
  eventId: string,
  agentId: string,
) => Promise<unknown>;

/** replicas: those that must have an event before it counts as accepted (G1). */
export function createInbox(
  redis: RedisConnection,
  partitions: number,
  enqueue: Enqueue,
  replicas: Replicas,
  tracing: Pick<Tracing, "traceparent"> = untraced,
): Inbox {
  const allPartitions = Array.from({ length: partitions }, (_, partition) => partition);
  return {
    async accept(delivery) {
      const partition = partitionOf(delivery.agentId, partitions);
      const { hash, ttlMs } = identityOf(delivery);
      const eventId = newEventId(delivery.agentId, partitions, hash);
      const replicated = replicas.watch(tagKey(partition));
      leaveTogether(nodeOf(redis, tagKey(partition)));
      const stored = runScript<["new" | "duplicate", string, number]>(redis, "accept", tagKey(partition), [
        hash,
        eventId,
        ttlMs,
        delivery.agentId ?? "",
        delivery.type,
        delivery.source,
        delivery.raw,
        delivery.decided?.disposition ?? "",
        delivery.decided?.reason ?? "",
        delivery.source === "activity" ? TELEMETRY_MS : RETENTION_MS,
        delivery.verdicts?.length ? jsonText(delivery.verdicts) : "",
        delivery.feeds ?? "",
        tracing.traceparent() ?? "",
        delivery.heard && delivery.agentId ? "1" : "",
        delivery.heard?.what ?? "",
        ...[MOST_AGENTS, MOST_HEARD, HEARD_MS],
      ]);
      // The job goes out before we know whether the event is new: its id is fixed, so a duplicate adds nothing. A job without
      // its event is a no-op; an event without its job is found by the sweeper: the inbox is the truth.
      const queued = delivery.next
        ? enqueue(delivery.next, partition, eventId, delivery.agentId ?? "").then(nothing, (error) => error)
        : null;
      const [answer, id, receivedAt] = await stored;
      const failure = await queued;
      if (failure) throw redisError(failure);
      // The same bytes after a release (G4) got a new id, so they need a job of their own.
      if (answer === "new" && id !== eventId && delivery.next)
        await enqueue(delivery.next, partition, id, delivery.agentId ?? "");
      await replicated.must();
      return { eventId: id, duplicate: answer === "duplicate", receivedAt };
    },

    async quarantine(entry) {
      await runScript(redis, "quarantine", tagKey(0), [jsonText(entry), QUARANTINE_SIZE]);
    },

    quarantined: (which) => listQuarantine(redis, which),

    load: (eventId) => loadEvent(redis, eventId),

    async telemetry(agentId, sinceMs, limit) {
      const told = keys.telemetry(partitionOf(agentId, partitions), agentId);
      const ids = await redis
        .zrevrangebyscore(told, "+inf", sinceMs, "LIMIT", 0, limit)
        .catch((error) => Promise.reject(redisError(error)));
      const events: StoredEvent[] = [];
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = await Promise.all(ids.slice(from, from + AT_ONCE).map((eventId) => loadEvent(redis, eventId)));
        events.push(...some.filter((event) => event !== null));
      }
      return events.reverse();
    },

    async dispose(eventId, disposition, reason, occurredAt) {
      return (
        (await runScript<number>(redis, "dispose", tagKey(partitionOfId(eventId)), [
          eventId,
          disposition,
          reason,
          RETENTION_MS,
          TELEMETRY_MS,
          occurredAt ?? "",
        ])) === 1
      );
    },

    async stats() {
      const parts = await Promise.all(allPartitions.map((partition) => partitionStats(redis, partition)));
      return parts.reduce(addStats);
    },

    async overdue(partition, ageMs, limit) {
      const [seconds] = await redis.time();
      return redis.zrangebyscore(
        keys.pending(partition),
        "-inf",
        String(Number(seconds) * 1000 - ageMs),
        "LIMIT",
        0,
        limit,
      );
    },
  };
}

/** Events read at once: no other command waits behind thousands. */
const AT_ONCE = 200;

export async function loadEvent(redis: RedisConnection, eventId: string): Promise<StoredEvent | null> {
  const fields = await redis
    .hgetall(keys.event(partitionOfId(eventId), eventId))
    .catch((error) => Promise.reject(redisError(error)));
  return fields.raw === undefined ? null : toStoredEvent(eventId, fields);
}

const nothing = () => undefined;

/**
 * What is written from here to the end of this turn of the event loop leaves in one system call: event and job of one
 * webhook, and those of the webhooks that came in with it. Saves a tenth of the CPU under load.
 */
function leaveTogether({ stream }: Redis): void {
  if (!stream || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** What a delivery is known by, and for how long. */
export function identityOf(delivery: Delivery): { hash: string; ttlMs: number } {
  const { by, value } = delivery.identity;
  const ttlMs = delivery.source === "activity" ? Math.min(dedupMs[by], TELEMETRY_MS) : dedupMs[by];
  return { hash: digest("sha256", `${by}:${value}`).slice(0, 32), ttlMs };
}

function toStoredEvent(id: string, fields: Record<string, string>): StoredEvent {
  return {
    id,
    raw: fields.raw ?? "",
    type: fields.type ?? "",
    agentId: fields.agent || null,
    source: (fields.source ?? "webhook") as EventSource,
    receivedAt: Number(fields.at),
    disposition: (fields.disposition as Disposition | undefined) ?? null,
    reason: fields.reason ?? null,
    verdicts: fields.verdicts ? (JSON.parse(fields.verdicts) as Verdict[]) : [],
    ...(fields.trace && { traceparent: fields.trace }),
  };
}

/** One transaction, so that accepted = dispositions + pending holds in what is shown, not only in what is stored. */
async function partitionStats(redis: RedisConnection, partition: number): Promise<IntakeStats> {
  const replies = await redis
    .multi()
    .hgetall(keys.intake(partition))
    .zcard(keys.pending(partition))
    .zrange(keys.pending(partition), "0", "0", "WITHSCORES")
    .llen(keys.quarantine(partition))
    .time()
    .exec()
    .catch((error) => Promise.reject(redisError(error)));
  const [counters, pending, oldest, quarantined, time] = (replies ?? []).map(([, reply]) => reply) as [
    Record<string, string>,
    number,
    string[],
    number,
    string[],
  ];
  const nowMs = Number(time[0]) * 1000;
  return {
    accepted: Number(counters.accepted ?? 0),
    pending,
    dispositions: Object.fromEntries(dispositions.map((name) => [name, Number(counters[name] ?? 0)])) as Record<
      Disposition,
      number
    >,
    rejected: Number(counters.rejected ?? 0),
    quarantineSize: quarantined,
    oldestPendingMs: oldest[1] ? Math.max(0, nowMs - Number(oldest[1])) : 0,
  };
}

function addStats(a: IntakeStats, b: IntakeStats): IntakeStats {
  return {
    accepted: a.accepted + b.accepted,
    pending: a.pending + b.pending,
    dispositions: Object.fromEntries(
      dispositions.map((name) => [name, a.dispositions[name] + b.dispositions[name]]),
    ) as Record<Disposition, number>,
    rejected: a.rejected + b.rejected,
    quarantineSize: a.quarantineSize + b.quarantineSize,
    oldestPendingMs: Math.max(a.oldestPendingMs, b.oldestPendingMs),
  };
}
