import type { Redis } from "ioredis";
import type { RedisState } from "../incident/redis-state.ts";
import { redisError } from "./connection.ts";
import { tagKey } from "./keys.ts";

/** Writes a key and reads the figures that tell whether the next write will succeed too. Throws redis-unavailable or redis-full. */
export async function probeRedis(redis: Redis): Promise<RedisState> {
  try {
    await redis.set(`${tagKey(0)}:probe`, "1", "EX", 60);
    const [memory, persistence] = await Promise.all([redis.info("memory"), redis.info("persistence")]);
    const field = (text: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1] ?? "";
    return {
      usedBytes: Number(field(memory, "used_memory")),
      maxBytes: Number(field(memory, "maxmemory")),
      aofEnabled: field(persistence, "aof_enabled") === "1",
      aofLastWriteOk: field(persistence, "aof_last_write_status") !== "err",
      evictionPolicy: field(memory, "maxmemory_policy"),
    };
  } catch (error) {
    throw redisError(error);
  }
}
