import { sumDollars } from "../incident/dollars.ts";
import type { Dollars, EscrowRecord } from "../incident/incident.ts";
import { addMoney, formatMoney, type Money } from "../incident/money.ts";
import type { Place } from "../incident/page.ts";
import type { Signal } from "../incident/signal.ts";
import { type IncidentFilter, type IncidentSummary, isMeant } from "../incident/summary.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { readIncident } from "./incident-view.ts";
import { keys } from "./keys.ts";
import { pageOfNewest } from "./newest.ts";
import { partitionOf, partitionOfId } from "./partitions.ts";

/** Incidents read together: a process that also takes webhooks is held up no longer than by these. */
const AT_ONCE = 100;

/** What a list shows (incident/summary.ts): of a hundred in one round trip a partition, and of escrows only their sums. */
export async function readSummaries(
  redis: RedisConnection,
  ids: readonly string[],
): Promise<readonly (IncidentSummary | null)[]> {
  const found = new Map<string, IncidentSummary>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const byPartition = Map.groupBy(ids.slice(from, from + AT_ONCE), partitionOfId);
    const reads = [...byPartition].map(([partition, some]) => readOfPartition(redis, partition, some));
    for (const summary of (await Promise.all(reads)).flat()) found.set(summary.id, summary);
  }
  return ids.map((id) => found.get(id) ?? null);
}

/** A page of them, newest first; an agent's are all in its own partition. */
export function pageOfIncidents(
  redis: RedisConnection,
  partitions: number,
  { limit, after, ...filter }: IncidentFilter & { limit: number; after: Place | null },
) {
  const { agent, since } = filter;
  const where =
    agent === undefined ? Array.from({ length: partitions }, (_, index) => index) : [partitionOf(agent, partitions)];
  return pageOfNewest(
    redis,
    where.map((partition) => keys.incidents(partition)),
    { limit, after, ...(since !== undefined && { since }) },
    async (places) => {
      const summaries = await readSummaries(
        redis,
        places.map(({ id }) => id),
      );
      return summaries.map((one) => (one && isMeant(one, filter) ? one : null));
    },
  );
}

/** Newest first, of all partitions: what is open is as much as people can deal with, so it is read whole. */
export async function readOpen(redis: RedisConnection, partitions: number): Promise<readonly IncidentSummary[]> {
  const lists = await Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      redis.zrange(keys.attention(partition), "0", "-1").catch((error) => Promise.reject(redisError(error))),
    ),
  );
  const summaries = (await readSummaries(redis, lists.flat())).filter((one) => one !== null);
  return summaries.sort((a, b) => b.openedAt - a.openedAt);
}

async function readOfPartition(
  redis: RedisConnection,
  partition: number,
  ids: readonly string[],
): Promise<IncidentSummary[]> {
  const pipeline = redis.pipeline();
  for (const id of ids)
    pipeline.hgetall(keys.incident(partition, id)).hvals(keys.signals(partition, id)).hlen(keys.escrows(partition, id));
  const replies = await pipeline.exec().catch((error) => Promise.reject(redisError(error)));
  const summaries = ids.map(async (_, index) => {
    const [fields, signals, escrows] = [0, 1, 2].map((part) => answerOf(replies?.[3 * index + part])) as [
      Record<string, string>,
      string[],
      number,
    ];
    const incident = readIncident(fields);
    if (!incident) return null;
    return {
      ...incident,
      signals: signals.map((text) => JSON.parse(text) as Signal).sort((a, b) => a.occurredAt - b.occurredAt),
      dollars: readSums(fields, escrows) ?? (await sumOf(redis, partition, incident.id)),
    };
  });
  return (await Promise.all(summaries)).filter((one) => one !== null);
}

function answerOf(reply: [Error | null, unknown] | undefined): unknown {
  if (!reply || reply[0]) throw redisError(reply?.[0] ?? new Error("no answer"));
  return reply[1];
}

/** As redis/measures.lua keeps them. Null where it does not know them: an incident from before they were kept, an amount past 64 bits. */
function readSums(fields: Readonly<Record<string, string>>, escrows: number): Dollars | null {
  const names = ["held", "failed", "recovered", "lost"] as const;
  const known = names.map((name) => fields[`money ${name}`]);
  if (fields["money unsure"] || (escrows > 0 && known.every((sum) => sum === undefined))) return null;
  const [held, failed, recovered, lost] = known.map((sum) => BigInt(sum ?? 0) as Money) as [Money, Money, Money, Money];
  if ([held, failed, recovered, lost].some((sum) => sum < 0n)) return null;
  const locked = [held, failed, recovered, lost].reduce((sum, one) => addMoney(sum, one));
  return { locked: formatMoney(locked), recovered: formatMoney(recovered), lost: formatMoney(lost) };
}

async function sumOf(redis: RedisConnection, partition: number, id: string): Promise<Dollars> {
  const escrows = await redis.hvals(keys.escrows(partition, id)).catch((error) => Promise.reject(redisError(error)));
  return sumDollars(escrows.map((text) => JSON.parse(text) as EscrowRecord));
}
