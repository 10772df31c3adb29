import { randomBytes } from "node:crypto";
import { readConfig } from "../../config.ts";
import { startNotificationTicker } from "../../notification-ticker.ts";
import { workerNames } from "../../queues/jobs.ts";
import { lengthOf, stage } from "../../sandbox/play.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { createTempo, type Tempo } from "../../sandbox/tempo.ts";
import { startServer } from "../../server.ts";
import { openServices, type Services } from "../../services.ts";
import { readSettings } from "../../settings/settings.ts";
import { startTicker } from "../../ticker.ts";
import { startWatchTicker } from "../../watch-ticker.ts";
import { runWorker } from "../../worker.ts";
import { registerWebhook } from "../start/register-webhook.ts";
import { settingsOf } from "./settings.ts";

/** The key by which the gateway's effect log knows what the product did. */
export const RESPONDER = "sandbox-admin-tourniquet";
const DRAIN_MS = 2_000;

/** The whole product for one drill: gateway, API over HTTP with signed webhooks, every worker. Nothing of it outlives the drill. */
export interface DrillProduct {
  sandboxUrl: string;
  apiUrl: string;
  adminToken: string;
  secret: string;
  tempo: Tempo;
  services: Services;
  close(): Promise<void>;
}

/** Opens it on a Redis that is empty, with the scenario's agents in place and our webhook registered and proved. */
export async function startDrillProduct(
  scenario: Scenario,
  options: { redisUrl: string; speed: number; logLevel: string },
): Promise<DrillProduct> {
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  const { switches = {} } = scenario;
  const tempo = createTempo(options.speed, lengthOf(scenario));
  try {
    const sandbox = await startSandbox({
      now: tempo.now,
      latencyMs: switches.latencyMs ?? 0,
      delivery: { isEnabled: switches.delivery ?? true },
    });
    opened.push(() => sandbox.close());
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const adminToken = randomBytes(24).toString("base64url");
    // Of its own in everything: what is set in the environment is for a product that is in earnest.
    const config = readConfig({
      ...{ REDIS_URL: options.redisUrl, PORT: "0", LOG_LEVEL: options.logLevel, ADMIN_TOKEN: adminToken },
      ...{ GREENHELIX_BASE_URL: sandbox.url, GREENHELIX_API_KEY: RESPONDER, GREENHELIX_DIALECT: "rest" },
      GREENHELIX_WEBHOOK_SECRETS: secret,
      ...{ AGENT_CONTROL_URL: `${sandbox.url}/_control`, AGENT_CONTROL_TOKEN: "sandbox-control-tourniquet" },
    });
    const settings = readSettings(settingsOf(scenario), {}, scenario.name);
    const worker = await openServices(config, settings, "worker:all", "worker");
    opened.push(() => worker.close());
    const producer = await openServices(config, settings, "api", "producer");
    opened.push(() => producer.close());
    await stage(sandbox.url, scenario);
    const server = await startServer(producer);
    opened.push(() => server.close());
    const workers = workerNames.map((name) => runWorker(name, worker));
    opened.push(() => Promise.all(workers.map((one) => one.close(DRAIN_MS))));
    for (const start of [startTicker, startWatchTicker, startNotificationTicker]) {
      const ticker = start(worker);
      opened.push(() => ticker.stop());
    }
    await registerWebhook(producer, `${server.url}/webhooks/greenhelix`, secret);
    return { sandboxUrl: sandbox.url, apiUrl: server.url, adminToken, secret, tempo, services: producer, close };
  } catch (error) {
    await close();
    throw error;
  }
}
