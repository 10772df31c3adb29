import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { createCourier } from "./courier.ts";
import { createEffectLog } from "./effects.ts";
import { expireDue } from "./escrow-moves.ts";
import { createFaultBox } from "./faults.ts";
import { createRateLimiter, hourlyLimits } from "./rate-limit.ts";
import { createRequestCounts } from "./request-counts.ts";
import { type DeliverySettings, defaultDelivery, type Forms, type Settings } from "./settings.ts";
import { createState, type Scope, type Tier } from "./state.ts";
import { createWebhookBook, type SignatureScheme } from "./webhook-book.ts";
import type { World } from "./world.ts";

/** How a sandbox is started. Everything is optional; what can also be switched later is marked with its admin route. */
export interface SandboxOptions {
  /** 0 or left out: a free port. */
  port?: number;
  /** 127.0.0.1. The admin routes answer loopback callers only, whatever is said here. */
  host?: string;
  /** Which calling forms are served; "both". PUT /_sandbox/forms */
  forms?: Forms;
  /** Wait before each answer; 0. PUT /_sandbox/latency */
  latencyMs?: number;
  latencyJitterMs?: number;
  /** Keys known from the start, beside those made over POST /_sandbox/keys. */
  apiKeys?: readonly SandboxKey[];
  /** Whether `sandbox-admin*` and `sandbox-agent-<agentId>` are keys without being issued; true. */
  openKeys?: boolean;
  /** Tier of agents that were given none; "pro". */
  defaultTier?: Tier;
  /** Answers in the making at once before the edge says 503; 512. PUT /_sandbox/limits */
  maxInFlight?: number;
  /** Until 504; 30,000. PUT /_sandbox/limits */
  requestLimitMs?: number;
  /** Whether unwrapped handlers drop the connection after an error; true. PUT /_sandbox/limits */
  closesAfterErrors?: boolean;
  /** Calls an hour by tier; the real ones. */
  hourlyLimits?: Partial<Record<Tier, number>>;
  /** Gaps inside a cancel; 0 and 0. PUT /_sandbox/cancel-pause */
  cancelPause?: Partial<Settings["cancelPause"]>;
  /** Webhook delivery; on, once each, 3 attempts at 0, +10 s and +20 s. PUT /_sandbox/delivery */
  delivery?: Partial<DeliverySettings>;
  /** How webhooks registered over the gateway's own routes are signed; "a2a". */
  webhookScheme?: SignatureScheme;
  /** How often timed-out escrows are looked for; 300,000, as in the real one. */
  expiryIntervalMs?: number;
  /** Milliseconds since 1970, for every time shown and every window; Date.now. Waits use the real clock. */
  now?: () => number;
  /** 0..1, for jitter, shuffling and fault probability; Math.random. */
  random?: () => number;
}

export interface SandboxKey {
  token: string;
  agentId: string;
  tier?: Tier;
  scopes?: readonly Scope[];
}

export interface Sandbox {
  /** Without a trailing slash and without /v1. */
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = createWorld(options);
  const server = createServer(createApp(world));
  const host = options.host ?? "127.0.0.1";
  await listen(server, options.port ?? 0, host);
  const expiry = setInterval(() => expireQuietly(world), options.expiryIntervalMs ?? 300_000).unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    async close() {
      clearInterval(expiry);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await world.courier.close();
      await closed;
    },
  };
}

function createWorld(options: SandboxOptions): World {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const limits = { ...hourlyLimits, ...options.hourlyLimits };
  const webhooks = createWebhookBook(now);
  const world: World = {
    state: createState(),
    settings: initialSettings(options),
    now,
    random,
    hasOpenKeys: options.openKeys ?? true,
    issuedKeys: (options.apiKeys ?? []).map((key) => ({
      tier: "pro",
      scopes: ["read", "write"],
      ...key,
      createdAtMs: now(),
    })),
    defaultTier: options.defaultTier ?? "pro",
    webhookScheme: options.webhookScheme ?? "a2a",
    effects: createEffectLog(now),
    limiter: createRateLimiter(now, limits),
    faults: createFaultBox(random),
    requests: createRequestCounts(),
    webhooks,
    courier: createCourier({ book: webhooks, settings: () => world.settings.delivery, now, random }),
    reset() {
      world.state = createState();
      world.settings = initialSettings(options);
      for (const part of [world.effects, world.limiter, world.faults, world.requests, webhooks]) part.clear();
    },
  };
  return world;
}

function initialSettings(options: SandboxOptions): Settings {
  return {
    forms: options.forms ?? "both",
    latency: { ms: options.latencyMs ?? 0, jitterMs: options.latencyJitterMs ?? 0 },
    delivery: { ...defaultDelivery, ...options.delivery },
    cancelPause: { beforeRefundMs: 0, afterRefundMs: 0, ...options.cancelPause },
    maxInFlight: options.maxInFlight ?? 512,
    requestLimitMs: options.requestLimitMs ?? 30_000,
    closesAfterErrors: options.closesAfterErrors ?? true,
  };
}

function expireQuietly(world: World): void {
  try {
    expireDue(world);
  } catch {
    // A frozen payer ended the pass; the next one will end there too, until somebody unfreezes it. So it goes in the real one.
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
