import { Redis } from "ioredis";
import { inject } from "vitest";
import { readConfig } from "../../src/config.ts";
import { admit } from "../../src/detect/admit.ts";
import type { IncidentView } from "../../src/incident/incident.ts";
import { startLedgerTicker } from "../../src/ledger-ticker.ts";
import { startNotificationTicker } from "../../src/notification-ticker.ts";
import type { WorkerName } from "../../src/queues/jobs.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { startTicker } from "../../src/ticker.ts";
import { startWatchTicker } from "../../src/watch-ticker.ts";
import { runWorker } from "../../src/worker.ts";
import { type SandboxAdmin, sandboxAdmin } from "./sandbox-admin.ts";
import { until } from "./until.ts";

export interface World {
  sandbox: Sandbox;
  admin: SandboxAdmin;
  services: Services;
  /** Takes one webhook body in, as the API would after checking its signature. */
  deliver(body: Record<string, unknown>): Promise<{ answer: string; eventId: string }>;
  /** Opens an escrow at the gateway as the agent, and delivers its webhook. */
  openEscrow(escrow: { payer: string; payee?: string; amount?: string; atMs?: number }): Promise<string | null>;
  incident(): Promise<IncidentView>;
  untilStatus(status: string): Promise<IncidentView>;
  close(): Promise<void>;
}

export interface WorldOptions {
  workers?: readonly WorkerName[];
  ticker?: boolean;
  settings?: string;
  partitions?: number;
  sandbox?: SandboxOptions;
  dialect?: "rest" | "tools";
  /** false: nothing runs the agents that could be asked to stop them. */
  agentControl?: boolean;
}

export const everyWorker = ["containment", "cascade", "forensics", "notification", "recovery"] as const;

/** A whole product in this process, on real Redis, against the sandbox over real HTTP. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const redisUrl = `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;
  const flusher = new Redis(redisUrl);
  await flusher.flushdb();
  await flusher.quit();
  const sandbox = await startSandbox({ delivery: { isEnabled: false }, ...options.sandbox });
  const config = readConfig({
    REDIS_URL: redisUrl,
    GREENHELIX_BASE_URL: sandbox.url,
    GREENHELIX_API_KEY: "sandbox-admin-tests",
    AGENT_CONTROL_URL: options.agentControl === false ? "" : `${sandbox.url}/_control`,
    AGENT_CONTROL_TOKEN: "sandbox-control-tests",
    GREENHELIX_DIALECT: options.dialect ?? "rest",
    PARTITIONS: String(options.partitions ?? 1),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
  });
  const services = await openServices(config, readSettings(options.settings, {}), "test", "worker");
  const workers = (options.workers ?? everyWorker).map((name) => runWorker(name, services));
  const ticker = options.ticker === false ? null : startTicker(services);
  const notificationTicker = options.ticker === false ? null : startNotificationTicker(services);
  const hasLedgerTicker = options.ticker !== false && (options.workers ?? everyWorker).includes("forensics");
  const ledgerTicker = hasLedgerTicker ? startLedgerTicker(services) : null;
  const watchTicker = options.workers?.includes("watch") ? startWatchTicker(services) : null;
  const admin = sandboxAdmin(sandbox.url);
  const deliver: World["deliver"] = async (body) => {
    const answer = await admit(
      { inbox: services.inbox, settings: services.settings },
      { rawBody: Buffer.from(JSON.stringify(body)), source: "webhook", signedId: null },
    );
    if (!("eventId" in answer)) throw new Error(JSON.stringify(answer));
    return answer;
  };
  const incident = async () => {
    const [newest] = await services.incidents.list(1);
    if (!newest) throw new Error("no incident");
    return newest;
  };
  return {
    sandbox,
    admin,
    services,
    deliver,
    incident,
    async openEscrow({ payer, payee = "flaky-upstream", amount = "150.00", atMs }) {
      const id = await admin.createEscrow(payer, payee, amount);
      if (id === null) return null;
      const timestamp = (atMs ?? Date.now()) / 1000;
      await deliver({
        event_type: "escrow_state_change",
        agent_id: payer,
        timestamp,
        payload: { escrow_id: id, payer, payee, amount, status: "held" },
      });
      return id;
    },
    untilStatus: (status) =>
      until(async () => {
        const [newest] = await services.incidents.list(1);
        return newest?.status === status ? newest : null;
      }, `an incident that is ${status}`),
    async close() {
      ticker?.stop();
      watchTicker?.stop();
      ledgerTicker?.stop();
      notificationTicker?.stop();
      await Promise.all(workers.map((worker) => worker.close(5_000)));
      await services.close();
      await sandbox.close();
    },
  };
}
