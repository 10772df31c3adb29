import { describeError, TourniquetError } from "../../errors.ts";
import { checkRedis } from "../../redis/check.ts";
import { connectRedis } from "../../redis/connection.ts";
import { probeRedis } from "../../redis/probe.ts";
import { reachRedis } from "../../redis/reach.ts";
import { rulesOf } from "../../services.ts";
import { fail, type Item, type Measured, ok, warn } from "../item.ts";

const DEADLINE_MS = 8_000;
const REACHED_WITHIN_MS = 2_500;
/** guarantees.md section 8: from 90 % on new events are refused. */
const TIGHT_SHARE = 0.8;
const FULL_SHARE = 0.9;
const MB = 1_048_576;

/** G1: what is answered 202 must be there after a crash. Over a connection of its own, so that it can say what keeps the others from theirs. */
export const redis: Item = {
  id: "redis",
  section: "platform",
  title: "Redis keeps what it was given: AOF, no eviction, memory left, replicas in step",
  deadlineMs: DEADLINE_MS,
  async measure({ config, services }, abort) {
    if (services instanceof TourniquetError && services.code === "redis-unavailable") return away(services.message);
    const connection = connectRedis(config.redisUrl, "producer", () => undefined);
    abort.addEventListener("abort", () => connection.disconnect(), { once: true });
    try {
      await reachRedis(connection, config.redisUrl, REACHED_WITHIN_MS);
      const rules = rulesOf(config);
      const warnings = await checkRedis(connection, rules);
      const state = await probeRedis(connection, rules.partitions, rules.waitReplicas);
      return judge(state, warnings);
    } catch (error) {
      const { code, message } = describeError(error);
      if (code === "redis-full")
        return fail(message, "Raise maxmemory, or make room on its disk: nothing new is taken in");
      return code === "config-invalid"
        ? fail(message, "Set it so in the configuration of Redis, or give the product a Redis of its own")
        : away(message);
    } finally {
      connection.disconnect();
    }
  },
};

const away = (message: string): Measured => fail(message, "Start Redis, or set REDIS_URL to where it is");

function judge(state: Awaited<ReturnType<typeof probeRedis>>, warnings: readonly string[]): Measured {
  const { usedBytes, maxBytes, aofEnabled, aofLastWriteOk, missingReplicas } = state;
  const share = maxBytes > 0 ? usedBytes / maxBytes : 0;
  const memory = `${Math.round(usedBytes / MB)} MB used of ${maxBytes > 0 ? `${Math.round(maxBytes / MB)} MB` : "no limit"}`;
  const found = `noeviction, append-only file ${aofEnabled ? "on" : "off"}, ${memory}`;
  const more = { lines: warnings, detail: { ...state, warnings } };
  if (!aofEnabled)
    return fail(found, "Set appendonly yes and appendfsync always: a restart would forget every incident", more);
  if (!aofLastWriteOk)
    return fail(
      `${found}, and its last write failed`,
      "Make room on the disk of Redis: what is answered 202 must be on it",
      more,
    );
  if (share >= FULL_SHARE) return fail(found, "Raise maxmemory: from 90 % on new events are refused", more);
  if (missingReplicas > 0)
    return fail(
      `${found}, ${missingReplicas} replicas missing`,
      "Bring the replicas back, or lower REDIS_WAIT_REPLICAS",
      more,
    );
  if (warnings.length > 0) return warn(found, `${warnings[0]}`, more);
  return share >= TIGHT_SHARE
    ? warn(found, "Raise maxmemory soon: from 90 % on new events are refused", more)
    : ok(found, more);
}
