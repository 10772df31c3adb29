import { type RedisConnection, runScript } from "./connection.ts";
import { tagKey } from "./keys.ts";

/** Elects one process for a duty of a partition: true for whoever holds it, who thereby keeps it for another ttlMs. Throws redis-unavailable. */
export async function holdLease(
  redis: RedisConnection,
  partition: number,
  name: string,
  owner: string,
  ttlMs: number,
): Promise<boolean> {
  return (await runScript<number>(redis, "holdLease", tagKey(partition), [name, owner, ttlMs])) === 1;
}
