import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { startTicker } from "../../src/ticker.ts";
import { containPorts } from "../../src/work.ts";
import { runWorker } from "../../src/worker.ts";
import { containedTrouble, type ModelPorts } from "../recover/model.ts";
import { said } from "../recover/recovering-world.ts";
import { startScript } from "../support/command-process.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { type SandboxAdmin, sandboxAdmin } from "../support/sandbox-admin.ts";
import { until } from "../support/until.ts";

const killable = fileURLToPath(new URL("../support/recovery-worker-with-kill-point.ts", import.meta.url));
const { signal: abort } = new AbortController();
const agentId = "agent-7";
/** A whole ramp within seconds, and calls that are over soon. */
const settings = `
gateway: { deadlineMs: 1000, inFlightBoundMs: 2000 }
recovery: { rungs: [{ afterMs: 0, percent: 50 }, { afterMs: 500, percent: 75 }, { afterMs: 1000, percent: 100 }], normalAfterMs: 1500, lookEveryMs: 1000 }
`;

let redis: RedisProcess;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), "tourniquet-recovery-"));
  writeFileSync(join(folder, "tourniquet.yaml"), settings);
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Story {
  services: Services;
  admin: SandboxAdmin;
  environment: Record<string, string>;
  incidentId: string;
}

/** A contained agent whose recovery was asked for, in a database of its own. */
async function staged(database: number, story: (given: Story) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox({ delivery: { isEnabled: false } });
  const environment = {
    REDIS_URL: `${redis.url}/${database}`,
    GREENHELIX_BASE_URL: sandbox.url,
    GREENHELIX_DIALECT: "rest",
    GREENHELIX_API_KEY: "sandbox-admin-tests",
    TOURNIQUET_CONFIG: join(folder, "tourniquet.yaml"),
    LOG_LEVEL: "info",
  };
  const config = readConfig({ ...environment, LOG_LEVEL: "silent" });
  const services = await openServices(config, readSettings(settings, {}), "test", "worker");
  const admin = sandboxAdmin(sandbox.url);
  try {
    await admin.placeAgent(agentId, { dailyCap: "500.00", monthlyCap: null });
    const ports = { ...services, ...containPorts(services), settings: services.settings };
    const incidentId = await containedTrouble(ports as unknown as ModelPorts, agentId, abort);
    await askRecovery(services, { incidentId, ...said });
    await story({ services, admin, environment, incidentId });
  } finally {
    await services.close();
    await sandbox.close();
  }
}

/** The steps of a recovery: method, before or after it, and which of its calls. Two by two: each waits for its lock to run out. */
const points = [
  [
    ["recoveries.begin", "before", 1],
    ["recoveries.begin", "after", 1],
  ],
  [
    ["actions.claim", "after", 1],
    ["gateway.setBudget", "before", 1],
  ],
  [
    ["gateway.setBudget", "after", 1],
    ["caps.settleRaise", "after", 1],
  ],
  // Of the first rung that stands and the page that tells of it; and of the second rung.
  [
    ["recoveries.change", "after", 2],
    ["recoveries.change", "before", 4],
  ],
  [
    ["gateway.setBudget", "after", 2],
    ["recoveries.end", "after", 1],
  ],
] as const;

const died = { code: null, signal: "SIGKILL" };

/** Dies there, and another worker goes on until all is over. Answers how its process ended. */
async function killedAt({ services, environment, incidentId }: Story, args: readonly string[]): Promise<unknown> {
  const child = await startScript(killable, args, environment);
  const helpers = [runWorker("containment", services)];
  const ticker = startTicker(services);
  try {
    const ended = await child.ended;
    helpers.push(runWorker("recovery", services));
    const isOver = async () =>
      (await services.incidents.load(incidentId))?.status === "resolved" &&
      (await services.incidents.receipts(incidentId)).has("tell-of-end");
    await until(isOver, `${incidentId} to be resolved and told`, 90_000, 100);
    return ended;
  } finally {
    ticker.stop();
    await Promise.all(helpers.map((worker) => worker.close(5_000)));
    await child.kill();
  }
}

/** What the gateway was told, how often each step is recorded, and how many pages there are. */
async function whatCameOfIt({ services, admin, incidentId }: Story) {
  const written = (await admin.effects("budget.set")).map(({ caps }) => caps?.daily);
  const timeline = (await services.incidents.view(incidentId))?.timeline.map(({ what }) => what) ?? [];
  const count = (one: string) => timeline.filter((what) => what === one).length;
  const jobs = (await services.queues.of("notification", 0).getJobs()).map(({ id }) => id ?? "");
  const pages = jobs.filter((id) => /^page-.*-(?:rung-\d-0|over|recovery-asked-\d+)$/.test(id)).length;
  return { written, counts: ["recovery-begun", "rung-taken", "resolved"].map(count), pages };
}

describe.concurrent("when the only recovery worker is killed with -9 and another is started", {
  timeout: 120_000,
}, () => {
  it.for(points.map((pair, place) => [...pair, place] as const))(
    "at %s, or at %s, each rung is taken once, and all of it is told once",
    async ([first, second, place], { expect }) => {
      const stories = [first, second].map((point, index) =>
        staged(2 * place + index, async (story) => {
          expect(await killedAt(story, point.map(String))).toEqual(died);
          expect(await whatCameOfIt(story)).toEqual({
            // Placed, frozen, and then each rung.
            written: ["500.00", "0.00", "250.00", "375.00", "500.00"],
            counts: [1, 3, 1],
            pages: 5,
          });
        }),
      );
      await Promise.all(stories);
    },
  );
});
