import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRedis } from "../../src/cli/embedded-redis.ts";

export interface RedisProcess {
  readonly url: string;
  readonly port: number;
  /** Of the Redis running now: another one after restart(). */
  readonly pid: number;
  /** Resolves at once for SIGSTOP and SIGCONT, and after Redis has ended for every other signal. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends Redis if it still runs and starts it again on the same directory and port; resolves when it answers PING. */
  restart(): Promise<void>;
  /** Ends Redis; the directory goes too if it was made here. */
  stop(): Promise<void>;
}

/** A real Redis of one's own, to be killed, paused and restarted: every write is on disk before it is answered. */
export async function startRedis(
  options: { dir?: string; port?: number; extraArgs?: readonly string[] } = {},
): Promise<RedisProcess> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "tourniquet-redis-")));
  let redis = await startEmbeddedRedis({ ...options, dir });
  return {
    url: redis.url,
    port: redis.port,
    get pid() {
      return redis.pid;
    },
    async kill(signal) {
      process.kill(redis.pid, signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await redis.ended;
    },
    async restart() {
      await redis.stop();
      redis = await startEmbeddedRedis({ ...options, dir, port: redis.port });
    },
    async stop() {
      await redis.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}
