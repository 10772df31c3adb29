import type { Channel } from "../incident/escalation.ts";
import type { PageAbout, Pages } from "../incident/pages.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf, partitionOfId } from "./partitions.ts";

/** As long as a page is tried, and longer. */
const FAILED_KEPT_MS = 86_400_000;
const answers = ["told", "tell", "log-only"] as const;

export function createPages(redis: RedisConnection, partitions: number): Pages {
  const partition = ({ incidentId, agentId }: PageAbout) =>
    incidentId === null ? partitionOf(agentId, partitions) : partitionOfId(incidentId);
  const run = (about: PageAbout, page: string, act: "begin" | "done", ...rules: (string | number)[]) =>
    runScript<[number, number, number]>(redis, "beginPage", tagKey(partition(about)), [about.key, page, act, ...rules]);
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async begin(about, page, { againMs, mostPerHour }) {
      const [answer, at, inHour] = await run(about, page, "begin", againMs, mostPerHour ?? "");
      return { answer: answers[answer]!, at, inHour };
    },
    async done(about, page) {
      await run(about, page, "done");
    },
    async failed(about, page, channel) {
      const key = keys.unreached(partition(about), page);
      try {
        const replies = await redis.multi().sadd(key, channel).pexpire(key, FAILED_KEPT_MS).smembers(key).exec();
        return (replies?.[2]?.[1] ?? []) as Channel[];
      } catch (error) {
        throw redisError(error);
      }
    },
    async count(channel, outcome) {
      await reading(redis.hincrby(keys.pageCounts(), `${channel} ${outcome}`, 1));
    },
    async counts() {
      const found = await reading(redis.hgetall(keys.pageCounts()));
      return Object.entries(found).map(([name, count]) => {
        const [channel = "", outcome = ""] = name.split(" ");
        return { channel, outcome, count: Number(count) };
      });
    },
  };
}
