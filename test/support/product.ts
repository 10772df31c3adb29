import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { registerWebhook } from "../../src/cli/start/register-webhook.ts";
import { loadConfig } from "../../src/config.ts";
import type { WorkerName } from "../../src/queues/jobs.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";
import { openServices, type Services } from "../../src/services.ts";
import { type CommandProcess, startCommand, startScript } from "./command-process.ts";
import { type RedisProcess, startRedis } from "./redis-process.ts";
import { type RoundRobin, startRoundRobin } from "./round-robin.ts";
import { type SandboxAdmin, sandboxAdmin } from "./sandbox-admin.ts";
import type { Point, What } from "./worker-with-kill-point.ts";

const killable = fileURLToPath(new URL("./worker-with-kill-point.ts", import.meta.url));
export const SECRET = "a-secret-of-the-fault-tests";
export const RESPONDER = "responder-of-the-fault-tests";

/** The gateway of these tests gives up after 5 s, so that what is still in flight may be waited out in 10 s. */
const REQUEST_LIMIT_MS = 5_000;
/**
 * The fleet's settings tell the threshold, which the gateway takes and never shows. The bound is one that the sandbox keeps on a
 * busy machine: with six seconds, one that got no processor carried a cancel out after the next had been sent, and paid twice.
 */
export const settingsOf = (deadlineMs: number, ...agents: readonly string[]) => `
gateway: { deadlineMs: ${deadlineMs}, inFlightBoundMs: 10000 }
fleet:
  agents:
${agents.map((id) => `    - { id: ${id}, caps: { daily: 1.00, monthly: 1.00, alertThreshold: 0.65 } }`).join("\n")}
`;

export interface ProductOptions {
  /** Started with the API, each a process of its own. */
  workers?: readonly (WorkerName | "all")[];
  /** API processes; 1. Webhooks go to all of them in turn. */
  apis?: number;
  /** The settings file, as YAML. */
  settings?: string;
  sandbox?: SandboxOptions;
  environment?: Record<string, string>;
}

/** The whole product as an operator runs it: a Redis of its own, API and workers as processes, webhooks from the sandbox over HTTP. */
export interface Product {
  /** What every process read its settings from. */
  settingsFile: string;
  /** What every process got. */
  environment: Record<string, string>;
  redis: RedisProcess;
  sandbox: Sandbox;
  admin: SandboxAdmin;
  /** The first of `apis`. */
  api: CommandProcess;
  apis: readonly CommandProcess[];
  front: RoundRobin;
  /** Started with `workers`, in that order. */
  workers: readonly CommandProcess[];
  /** Our own view of Redis and queues, from outside those processes. */
  services: Services;
  startApi(): Promise<CommandProcess>;
  startWorker(name: WorkerName | "all"): Promise<CommandProcess>;
  /** A worker that stops at one point of its work: worker-with-kill-point.ts says where. */
  startKillable(...args: [workers: string, What, Point, nth: number, how: "die" | "wait"]): Promise<CommandProcess>;
  close(): Promise<void>;
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), "tourniquet-e2e-"));
  const settingsFile = join(folder, "tourniquet.yaml");
  writeFileSync(settingsFile, options.settings ?? settingsOf(2_000, "procurement-17"));
  const redis = await startRedis();
  const sandbox = await startSandbox({
    requestLimitMs: REQUEST_LIMIT_MS,
    // The gap in which the real gateway pays out twice.
    cancelPause: { beforeRefundMs: 30, afterRefundMs: 30 },
    ...options.sandbox,
    // A receiver that is away for some seconds must not lose an event for good.
    delivery: { attemptDelaysMs: [0, ...Array<number>(60).fill(500)], timeoutMs: 5_000, ...options.sandbox?.delivery },
  });
  const environment = {
    REDIS_URL: redis.url,
    PORT: "0",
    LOG_LEVEL: "info",
    GREENHELIX_BASE_URL: sandbox.url,
    GREENHELIX_API_KEY: "sandbox-admin-tourniquet",
    GREENHELIX_DIALECT: "rest",
    GREENHELIX_WEBHOOK_SECRETS: SECRET,
    RESPONDER_TOKEN: RESPONDER,
    TOURNIQUET_CONFIG: settingsFile,
    ...options.environment,
  };
  const started: CommandProcess[] = [];
  const keep = async (starting: Promise<CommandProcess>) => {
    const one = await starting;
    started.push(one);
    return one;
  };
  const startWorker = (name: WorkerName | "all") => keep(startCommand(["worker", name], environment));
  const startApi = () => keep(startCommand(["api"], environment));
  const [apis, workers] = await Promise.all([
    Promise.all(Array.from({ length: options.apis ?? 1 }, startApi)),
    Promise.all((options.workers ?? []).map(startWorker)),
  ]);
  const api = apis[0]!;
  const front = await startRoundRobin(apis.map(({ url }) => url));
  const { config, settings } = loadConfig({ ...environment, LOG_LEVEL: "silent" });
  const services = await openServices(config, settings, "test", "worker");
  const webhooksTo = apis.length > 1 ? front.url : api.url;
  await registerWebhook(services, `${webhooksTo}/webhooks/greenhelix`, SECRET);
  return {
    settingsFile,
    environment,
    redis,
    sandbox,
    admin: sandboxAdmin(sandbox.url),
    api,
    apis,
    front,
    workers,
    services,
    startApi,
    startWorker,
    startKillable: (...args) => keep(startScript(killable, args.map(String), environment)),
    async close() {
      await Promise.all(started.map((one) => one.kill()));
      if (process.env.TEST_LOGS) keepLogs(process.env.TEST_LOGS, started);
      services.redis.disconnect();
      await Promise.all([sandbox.close(), front.close()]);
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A product of one's own for one story, so that several can wait for their locks to run out at the same time. */
export async function inProduct(options: ProductOptions, story: (product: Product) => Promise<void>): Promise<void> {
  const product = await startProduct(options);
  try {
    await story(product);
  } finally {
    await product.close();
  }
}

/** For whoever looks for the reason of a failure: TEST_LOGS names a folder. */
function keepLogs(folder: string, started: readonly CommandProcess[]): void {
  mkdirSync(folder, { recursive: true });
  for (const one of started) writeFileSync(join(folder, `${one.pid}.log`), one.output());
}
