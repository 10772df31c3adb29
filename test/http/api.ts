import { Redis } from "ioredis";
import { inject } from "vitest";
import { readConfig } from "../../src/config.ts";
import { diagnoseNow } from "../../src/doctor/diagnose-now.ts";
import { checkKeys } from "../../src/gateway-access.ts";
import { signA2a, signStandard } from "../../src/greenhelix/signature.ts";
import { type AppPorts, createApp, type Surface } from "../../src/http/app.ts";
import type { Tokens } from "../../src/http/auth.ts";
import type { FloodLimits } from "../../src/http/flood-guard.ts";
import { listen } from "../../src/http/listen.ts";
import { createLive, type Live, liveLimits } from "../../src/http/live.ts";
import type { IntakeStats } from "../../src/incident/inbox.ts";
import type { Log } from "../../src/incident/ports.ts";
import { probeRedis } from "../../src/redis/probe.ts";
import { reloadSettings } from "../../src/reload.ts";
import { createDrillRunner } from "../../src/run-drill.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";

export const SECRET = "current-secret-of-the-gateway";
export const OLD_SECRET = "whsec_b2xkLXNlY3JldC1vZi10aGUtZ2F0ZXdheQ==";
export const tokens: Tokens = {
  viewer: "viewer-token-0123",
  responder: "responder-token-0123",
  admin: "admin-token-0123",
};

export interface Api {
  url: string;
  services: Services;
  /** Every line the API logged, as JSON. */
  lines: string[];
  live: Live;
  post(body: string | Buffer | object, options?: PostOptions): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** What is in Redis now: names of keys without BullMQ's own bookkeeping, the accounting, and jobs in any queue. */
  stored(): Promise<{ keys: string[]; stats: IntakeStats; jobs: number }>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

interface PostOptions {
  path?: string;
  /** Signed in the gateway's own scheme unless said otherwise. */
  headers?: Record<string, string>;
}

interface ApiOptions {
  redisUrl?: string;
  secrets?: readonly string[];
  /** Left out: a viewer's, which get() sends then. */
  tokens?: Partial<Tokens>;
  floodLimits?: Partial<FloodLimits>;
  liveLimits?: Partial<typeof liveLimits>;
  /** What else the app gets otherwise than from services. */
  ports?: (services: Services) => Partial<AppPorts>;
  surface?: Surface;
  /** A second process of the same product: what is in Redis stays. */
  joins?: boolean;
}

const noTokens: Tokens = { viewer: undefined, responder: undefined, admin: undefined };

/** The API as it runs, on a real port and a real Redis of this test process's own. */
export async function openApi(options: ApiOptions = {}): Promise<Api> {
  const redisUrl = options.redisUrl ?? `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;
  const redis = new Redis(redisUrl, { retryStrategy: () => 50 });
  redis.on("error", () => undefined);
  if (!options.joins) await redis.flushdb();
  const config = readConfig({ REDIS_URL: redisUrl, LOG_LEVEL: "silent", GREENHELIX_DIALECT: "rest" });
  const services = await openServices(config, readSettings(undefined, {}), "test", "producer");
  await Promise.all(services.queues.all().map(({ bull }) => bull.waitUntilReady()));
  const served = await serveApi(services, options);
  return {
    ...served,
    async stored() {
      const keys = (await redis.keys("*")).filter((key) => !/:(meta|events|id|stalled-check)$/.test(key)).sort();
      const counts = await Promise.all(services.queues.all().map(({ bull }) => bull.getJobCounts()));
      const jobs = counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
      return { keys, stats: await services.inbox.stats(), jobs };
    },
    async close() {
      await served.close();
      await services.close();
      redis.disconnect();
    },
  };
}

/** The same over services that somebody else opened, and closes. */
export async function serveApi(services: Services, options: ApiOptions): Promise<Omit<Api, "stored">> {
  const lines: string[] = [];
  const live = createLive({ ...services, log: logTo(lines) }, { ...liveLimits, ...options.liveLimits });
  const drillRunner = createDrillRunner({ ...services, log: logTo(lines) });
  const ports: AppPorts = {
    ...services,
    log: logTo(lines),
    live,
    drillRunner,
    webhookSecrets: options.secrets ?? [SECRET, OLD_SECRET],
    tokens: { ...noTokens, ...(options.tokens ?? { viewer: tokens.viewer }) },
    redisProbe: () => probeRedis(services.redis, services.config.partitions, services.config.redisWaitReplicas),
    reloadSettings: () => reloadSettings({ ...services, log: logTo(lines) }),
    checkKeys: () => checkKeys(services.config, services.settings),
    diagnose: () => diagnoseNow(services.config, services.heldSettings.file),
    // Tests ask right after what they did.
    lookedForMs: 0,
    ...(options.floodLimits ? { floodLimits: options.floodLimits } : {}),
    ...options.ports?.(services),
  };
  const app = createApp(ports, options.surface);
  const listening = await listen(app, { port: 0, host: "127.0.0.1" });
  const { url } = listening;
  return {
    url,
    services,
    lines,
    live,
    async post(body, { path = "/webhooks/greenhelix", headers } = {}) {
      const raw = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      const init = { "content-type": "application/json", ...(headers ?? nativeHeaders(raw)) };
      return read(await fetch(url + path, { method: "POST", headers: init, body: new Uint8Array(Buffer.from(raw)) }));
    },
    get: async (path, headers = {}) => {
      const proof: Record<string, string> = options.tokens ? {} : { authorization: `Bearer ${tokens.viewer}` };
      return read(await fetch(url + path, { headers: { ...proof, ...headers }, redirect: "manual" }));
    },
    async close() {
      live.close();
      await drillRunner.stop();
      await listening.close(1_000);
    },
  };
}

export function nativeHeaders(raw: string | Buffer, secret = SECRET): Record<string, string> {
  return { "x-a2a-signature": signA2a(secret, raw) };
}

/** ageSec: how long ago the sender signed. */
export function standardHeaders(
  raw: string | Buffer,
  id = "msg_1",
  secret = SECRET,
  ageSec = 0,
): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000) - ageSec;
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signStandard(secret, id, timestamp, raw),
  };
}

export function budgetEvent(utilization = 97, more: Record<string, unknown> = {}) {
  return { event_type: "budget_threshold", agent_id: "agent-1", payload: { utilization_pct: utilization }, ...more };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

function logTo(lines: string[]): Log {
  const line = (level: string) => (fields: Record<string, unknown>, what: string) => {
    lines.push(JSON.stringify({ level, ...fields, what }));
  };
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
