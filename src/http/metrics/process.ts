import { readFileSync } from "node:fs";
import type { RedisProbe } from "../../incident/redis-state.ts";
import type { Figures, Source } from "./figures.ts";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** What a webhook can be answered (refusals.ts): one that never was is 0, so that its first time is an increase. */
const STATUSES = [202, 400, 401, 413, 415, 422, 429, 503];

/** Of this process, which alone knows whom it answered what. */
export function processMetrics({ gauge, counter }: Figures, answers: ReadonlyMap<number, number>): Source {
  const answered = counter("tourniquet_webhook_answers_total", "Answers of this process to webhooks.", "status");
  gauge("tourniquet_build_info", "Is 1, with the version that runs.", "version").set({ version }, 1);
  return async () => {
    answered.reset();
    for (const status of STATUSES) answered.inc({ status }, 0);
    for (const [status, count] of answers) answered.inc({ status }, count);
  };
}

/** What tells whether the next event can be kept (guarantees.md section 8). */
export function redisMetrics({ gauge }: Figures, probe: RedisProbe): Source {
  const used = gauge("tourniquet_redis_memory_used_bytes", "Memory that Redis uses.");
  const most = gauge("tourniquet_redis_memory_max_bytes", "Memory that Redis may use, 0 where it is not limited.");
  const enabled = gauge("tourniquet_redis_aof_enabled", "Is 1 if Redis keeps an append-only file.");
  const writes = gauge(
    "tourniquet_redis_aof_last_write_ok",
    "Is 0 if Redis could not write its append-only file the last time.",
  );
  const missing = gauge(
    "tourniquet_redis_replicas_missing",
    "How many fewer replicas follow than an event must be on before it is answered 202, at the worst master.",
  );
  return async () => {
    const state = await probe();
    used.set(state.usedBytes);
    most.set(state.maxBytes);
    enabled.set(Number(state.aofEnabled));
    writes.set(Number(state.aofLastWriteOk));
    missing.set(state.missingReplicas);
  };
}
