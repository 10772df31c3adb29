import type { RedisConnection } from "./connection.ts";
import { keys } from "./keys.ts";

/** Elects one process for a duty of a partition: true for whoever holds it, who thereby keeps it for another ttlMs. */
export async function holdLease(
  redis: RedisConnection,
  partition: number,
  name: string,
  owner: string,
  ttlMs: number,
): Promise<boolean> {
  const key = keys.lease(partition, name);
  if ((await redis.set(key, owner, "PX", ttlMs, "NX")) === "OK") return true;
  if ((await redis.get(key)) !== owner) return false;
  await redis.pexpire(key, ttlMs);
  return true;
}
