import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRedis } from "../../src/cli/embedded-redis.ts";
import type { WorkerName } from "../../src/queues/jobs.ts";
import { type Child, startChild } from "./child.ts";
import { SECRET } from "./events.ts";

const MAIN = "../../src/cli/main.ts";

/** What a benchmark runs on: a Redis of its own with every write on disk, and processes that end with the stage. */
export interface Stage {
  redisUrl: string;
  redisPid: number;
  start(file: string, ...args: readonly string[]): Promise<Child>;
  /** The product as it is deployed: one process for the API and one per worker. */
  startProduct(product: ProductOptions): Promise<Product>;
  /** The end of what all processes logged. */
  log(): string;
  close(): Promise<void>;
}

export interface ProductOptions {
  gatewayUrl: string;
  workers: readonly WorkerName[];
  /** YAML, as in the file TOURNIQUET_CONFIG names. */
  settings?: string;
}

export interface Product {
  api: Child;
  apiPort: number;
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "tourniquet-bench-"));
  const logFile = join(folder, "processes.log");
  const redis = await startEmbeddedRedis({ dir: join(folder, "redis") });
  const children: Child[] = [];
  const keep = async (started: Promise<Child>): Promise<Child> => {
    const child = await started;
    children.push(child);
    return child;
  };
  return {
    redisUrl: redis.url,
    redisPid: redis.pid,
    start: (file, ...args) => keep(startChild(file, args, { logFile })),
    async startProduct({ gatewayUrl, workers, settings }) {
      const settingsFile = join(folder, "settings.yaml");
      writeFileSync(settingsFile, settings ?? "");
      const environment = {
        REDIS_URL: redis.url,
        PORT: "0",
        GREENHELIX_BASE_URL: gatewayUrl,
        GREENHELIX_API_KEY: "sandbox-admin-benchmark",
        GREENHELIX_DIALECT: "rest",
        GREENHELIX_WEBHOOK_SECRETS: SECRET,
        ...(settings === undefined ? {} : { TOURNIQUET_CONFIG: settingsFile }),
      };
      const start = (...args: readonly string[]) => keep(startChild(MAIN, args, { logFile, environment }));
      const [api, ...others] = await Promise.all([start("api"), ...workers.map((name) => start("worker", name))]);
      return {
        api,
        apiPort: portOf(api),
        stop: async () => void (await Promise.all([api, ...others].map((child) => child.stop()))),
      };
    },
    log: () => readFileSync(logFile, "utf8").slice(-4_000),
    async close() {
      await Promise.all(children.map((child) => child.stop()));
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const portOf = (child: Child): number => Number(new URL(child.facts.url ?? "").port);
