import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shownRedisAddress } from "../../settings/redis-address.ts";
import { startEmbeddedRedis } from "../embedded-redis.ts";

export interface StartRedis {
  url: string;
  said: string;
  /** Resolves when it ended by itself; never for one that is not ours. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * REDIS_URL if it is set, else a Redis of our own that ends with us. Against the sandbox it starts empty, since the
 * sandbox does; against the real gateway it keeps what it knows in `.tourniquet`.
 */
export async function startRedis(redisUrl: string | undefined, folder: string, keep: boolean): Promise<StartRedis> {
  if (redisUrl)
    return {
      url: redisUrl,
      said: `${shownRedisAddress(redisUrl)} (REDIS_URL)`,
      ended: new Promise(() => undefined),
      stop: async () => undefined,
    };
  const dir = keep ? join(folder, "redis") : mkdtempSync(join(tmpdir(), "tourniquet-"));
  const redis = await startEmbeddedRedis({ dir });
  return {
    url: redis.url,
    said: `our own at ${redis.url}, every write on disk before it is answered`,
    ended: redis.ended,
    async stop() {
      await redis.stop();
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
}
