import type { Redis } from "ioredis";
import { TourniquetError } from "../errors.ts";
import { redisError } from "./connection.ts";
import { keys } from "./keys.ts";

/**
 * Refuses a Redis that would lose or scramble what we keep, by name; answers what is merely unwise (guarantees.md G1).
 * Throws config-invalid, or redis-unavailable.
 */
export async function checkRedis(redis: Redis, partitions: number): Promise<readonly string[]> {
  try {
    await refuseOtherPartitions(redis, partitions);
    return [...(await versionWarnings(redis)), ...(await settingWarnings(redis))];
  } catch (error) {
    throw redisError(error);
  }
}

/** The partition count is fixed with the first start: another one would look for every agent in the wrong slot. */
async function refuseOtherPartitions(redis: Redis, partitions: number): Promise<void> {
  await redis.set(keys.partitions(), String(partitions), "NX");
  const first = await redis.get(keys.partitions());
  if (first === String(partitions)) return;
  throw new TourniquetError(
    "config-invalid",
    `PARTITIONS is ${partitions}, but this Redis was first used with ${first}: set PARTITIONS=${first}, or give an empty Redis`,
  );
}

async function versionWarnings(redis: Redis): Promise<string[]> {
  const version = /redis_version:(\d+)\.(\d+)/.exec(await redis.info("server"));
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major < 6 || (major === 6 && minor < 2))
    throw new TourniquetError(
      "config-invalid",
      `Redis ${major}.${minor} is too old: 6.2 is the least, 7 or later is advised`,
    );
  return major < 7 ? [`Redis ${major}.${minor}: 7 or later is advised`] : [];
}

async function settingWarnings(redis: Redis): Promise<string[]> {
  const read = async (name: string): Promise<string | undefined> => ((await redis.config("GET", name)) as string[])[1];
  let settings: Record<"policy" | "aof" | "fsync", string | undefined>;
  try {
    settings = {
      policy: await read("maxmemory-policy"),
      aof: await read("appendonly"),
      fsync: await read("appendfsync"),
    };
  } catch (error) {
    // A managed Redis may forbid CONFIG; then nobody can look, and that is what we say.
    return [
      `cannot read Redis's settings (${error instanceof Error ? error.message : error}): make sure of noeviction, appendonly yes, appendfsync always`,
    ];
  }
  if (settings.policy !== "noeviction")
    throw new TourniquetError(
      "config-invalid",
      `Redis evicts keys (maxmemory-policy ${settings.policy}): set maxmemory-policy noeviction, or incidents disappear`,
    );
  if (settings.aof !== "yes") return ["Redis keeps nothing over a restart: set appendonly yes and appendfsync always"];
  return settings.fsync === "always"
    ? []
    : [`Redis may lose the last second (appendfsync ${settings.fsync}): set appendfsync always`];
}
