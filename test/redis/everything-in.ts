import type { RedisConnection } from "../../src/redis/connection.ts";

/** All that Redis holds, to the byte. */
export async function everythingIn(redis: RedisConnection): Promise<string[]> {
  const names = (await redis.keys("*")).sort();
  const dumps = await Promise.all(names.map((name) => redis.dumpBuffer(name)));
  return names.map((name, index) => `${name} ${dumps[index]?.toString("base64")}`);
}
