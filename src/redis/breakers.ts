import { randomUUID } from "node:crypto";
import type { BreakerState, Breakers, BreakerView, ReportAnswer } from "../incident/breaker.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** Failures of a week ago, with no outcome since, and who reset it, say nothing any more. An open breaker is kept until it closes. */
const MEMORY_MS = 7 * 86_400_000;

type AskReply = [BreakerState, string, string, string, number, string, string, string, string];

export function createBreakers(redis: RedisConnection, partitions: number): Breakers {
  const tag = (agentId: string) => tagKey(partitionOf(agentId, partitions));
  return {
    async ask(agentId, { openMs, probeMs }, { peek, sparing }) {
      const token = peek ? "" : randomUUID();
      const args = [agentId, openMs, probeMs, token, sparing.join(",")];
      return toView(await runScript<AskReply>(redis, "askBreaker", tag(agentId), args));
    },
    async report(agentId, { failures, probeMs }, { outcome, probe }) {
      const args = [agentId, outcome, probe ?? "", failures, probeMs, MEMORY_MS];
      const [answer, inARow] = await runScript<[ReportAnswer, number]>(redis, "reportBreaker", tag(agentId), args);
      return { answer, failures: inARow };
    },
    async reset(agentId, by, reason) {
      return (await runScript<number>(redis, "resetBreaker", tag(agentId), [agentId, by, reason, MEMORY_MS])) === 1;
    },
    async counts({ openMs }) {
      const all = await Promise.all(
        Array.from({ length: partitions }, (_, partition) => countsOf(redis, partition, openMs)),
      );
      const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
      return {
        open: sum((one) => one.open),
        halfOpen: sum((one) => one.halfOpen),
        openings: sum((one) => one.openings),
      };
    },
  };
}

async function countsOf(redis: RedisConnection, partition: number, openMs: number) {
  try {
    const [seconds, micros] = await redis.time();
    const halfOpenFrom = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) - openMs;
    const [all, halfOpen, openings] = await Promise.all([
      redis.zcard(keys.breakers(partition)),
      redis.zcount(keys.breakers(partition), "-inf", halfOpenFrom),
      redis.hget(keys.breakerCounts(partition), "openings"),
    ]);
    return { open: all - halfOpen, halfOpen, openings: Number(openings ?? 0) };
  } catch (error) {
    throw redisError(error);
  }
}

function toView([state, failures, openedAt, probe, wait, heldBy, by, reason, at]: AskReply): BreakerView {
  return {
    state,
    failures: Number(failures),
    openedAt: openedAt === "" ? null : Number(openedAt),
    probe: probe || null,
    retryAfterMs: Number(wait),
    heldBy: heldBy || null,
    lastReset: by === "" ? null : { by, reason, at: Number(at) },
  };
}
