import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./redis-cluster.ts";
import { type RedisProcess, startRedis } from "./redis-process.ts";
import { until } from "./until.ts";

const MASTER = "mymaster";
const SENTINELS = 3;

export interface SentinelSetup {
  /** As REDIS_URL has it. */
  url: string;
  /** The master of the beginning, and its replicas. */
  master: RedisProcess;
  replicas: readonly RedisProcess[];
  /** The port of whom the Sentinels call the master now. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

/** One master, its replicas, and three Sentinels that call a master dead after a second. */
export async function startSentinelSetup(replicaCount: number): Promise<SentinelSetup> {
  // By default a master waits 5 s for more replicas before it fills the first.
  const quick = ["--repl-diskless-sync-delay", "0"];
  const master = await startRedis({ extraArgs: quick });
  const replicaOf = [...quick, "--replicaof", "127.0.0.1", String(master.port)];
  const replicas = await Promise.all(Array.from({ length: replicaCount }, () => startRedis({ extraArgs: replicaOf })));
  const folder = mkdtempSync(join(tmpdir(), "tourniquet-sentinel-"));
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, async () => startSentinel(folder, await freePort(), master.port)),
  );
  await until(
    async () => (await Promise.all(sentinels.map((one) => knowsAll(one.client, replicaCount)))).every(Boolean),
    "the Sentinels to know each other and the replicas",
    30_000,
    100,
  );
  const masterPort = async () => {
    const address = (await sentinels[0]!.client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)) as string[];
    return Number(address[1]);
  };
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${MASTER}`,
    master,
    replicas,
    masterPort,
    async stop() {
      await Promise.all(sentinels.map((one) => one.stop()));
      await Promise.all([...replicas, master].map((one) => one.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface SentinelProcess {
  port: number;
  client: Redis;
  stop(): Promise<void>;
}

/** Under a shell that reads stdin until it ends, so that a test that dies leaves nothing running. */
async function startSentinel(folder: string, port: number, masterPort: number): Promise<SentinelProcess> {
  const file = join(folder, `${port}.conf`);
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${MASTER} 1000`,
    `sentinel failover-timeout ${MASTER} 3000`,
  ];
  writeFileSync(file, `${settings.join("\n")}\n`);
  const guard = 'redis-server "$1" --sentinel >/dev/null 2>&1 & pid=$!; cat >/dev/null; kill -KILL $pid; wait $pid';
  const shell: ChildProcess = spawn("sh", ["-c", guard, "sentinel", file], { stdio: ["pipe", "ignore", "ignore"] });
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  // Until it listens.
  client.on("error", () => undefined);
  return {
    port,
    client,
    async stop() {
      client.disconnect();
      const ended = once(shell, "exit");
      shell.stdin?.end();
      await ended;
    },
  };
}

async function knowsAll(client: Redis, replicaCount: number): Promise<boolean> {
  const known = (await client.call("SENTINEL", "MASTER", MASTER)) as string[];
  const field = (name: string) => Number(known[known.indexOf(name) + 1]);
  return field("num-slaves") === replicaCount && field("num-other-sentinels") === SENTINELS - 1;
}
