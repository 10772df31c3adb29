import { addMoney, type Money, money, zero } from "../incident/money.ts";
import type { Spending, Spent } from "../incident/spend.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";
import { partitionOf } from "./partitions.ts";
import { readEscrows, readOutflows } from "./window-lines.ts";
import { MOST_MINUTES } from "./windows.ts";

const MINUTE_MS = 60_000;
/** Agents read together: a process that also takes webhooks is held up no longer than by these. */
const AT_ONCE = 100;

/** Only reads what redis/windows.ts keeps. */
export function createSpending(redis: RedisConnection, partitions: number): Spending {
  return {
    async of(agentId) {
      const partition = partitionOf(agentId, partitions);
      const replies = await redis
        .multi()
        .lrange(keys.window(partition, agentId), 0, -1)
        .lrange(keys.outflowPart(partition, agentId, "rows"), 0, -1)
        .hgetall(keys.principal(partition, agentId))
        .hgetall(keys.outflow(partition, agentId))
        .exec()
        .catch((error) => Promise.reject(redisError(error)));
      const [lines, rows, principal, outflow] = (replies ?? []).map(([, reply]) => reply) as [
        string[],
        string[],
        Minutes,
        Minutes,
      ];
      const escrows = readEscrows(lines.join("\n"), partition, null).flatMap(({ opened, amount }) =>
        opened && amount !== null ? [{ at: opened.at, amount: money(amount) }] : [],
      );
      const others = readOutflows(rows.join("\n"), partition).map(({ at, amount }) => ({ at, amount: money(amount) }));
      return {
        events: [...escrows, ...others].sort((a, b) => a.at - b.at),
        ...together(principal, outflow),
      };
    },
    async minutesOf(agentIds) {
      const found = new Map<string, Omit<Spent, "events">>();
      for (const [partition, all] of Map.groupBy(agentIds, (agentId) => partitionOf(agentId, partitions)))
        for (let from = 0; from < all.length; from += AT_ONCE)
          for (const [id, spent] of await read(partition, all.slice(from, from + AT_ONCE))) found.set(id, spent);
      return found;
    },
  };

  async function read(partition: number, ids: readonly string[]) {
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hgetall(keys.principal(partition, id)).hgetall(keys.outflow(partition, id));
    const replies = await pipeline.exec().catch((error) => Promise.reject(redisError(error)));
    return ids.map((id, index) => {
      const [principal, outflow] = [replies?.[2 * index], replies?.[2 * index + 1]].map((reply) => {
        if (!reply || reply[0]) throw redisError(reply?.[0] ?? new Error("no answer"));
        return reply[1];
      }) as [Minutes, Minutes];
      return [id, together(principal, outflow)] as const;
    });
  }
}

type Minutes = Readonly<Record<string, string>>;

function together(principal: Minutes, outflow: Minutes): Omit<Spent, "events"> {
  const minutes = new Map<number, Money>();
  for (const [minute, units] of [...Object.entries(principal), ...Object.entries(outflow)])
    minutes.set(Number(minute), addMoney(minutes.get(Number(minute)) ?? zero, BigInt(units) as Money));
  // A full one forgets its oldest minute with each new one.
  const forgetful = [principal, outflow].filter((one) => Object.keys(one).length >= MOST_MINUTES);
  const oldest = forgetful.map((one) => Math.min(...Object.keys(one).map(Number)));
  return { minutes, wholeFrom: forgetful.length === 0 ? 0 : Math.max(...oldest) * MINUTE_MS };
}
