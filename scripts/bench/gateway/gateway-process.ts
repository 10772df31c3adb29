import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { startSandbox } from "../../../src/sandbox/sandbox.ts";
import { monotonicMs } from "../clock.ts";
import { openGate } from "./gate.ts";

/** The sandbox gateway, which also notes on the machine's monotonic clock when a budget write reached it. */
export interface GatewayOptions {
  latencyMs: number;
  /** A rate limit as a token bucket in front, with 429 for what is over it. */
  limit?: { perSecond: number; burst: number };
}

export interface Told {
  /** Budget writes since the last time this was asked. */
  arrivals: readonly (readonly [agentId: string, atMs: number])[];
  /** At the limit, since the start. */
  passed: number;
  refused: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as GatewayOptions;
const sandbox = await startSandbox({ latencyMs: options.latencyMs, delivery: { isEnabled: false } });
const gate = options.limit ? await openGate(sandbox.url, options.limit) : undefined;

let arrivals: [string, number][] = [];
subscribe("http.server.request.start", (message) => {
  const { request } = message as { request: IncomingMessage };
  const agentId = /^\/v1\/billing\/wallets\/([^/]+)\/budget$/.exec(request.url ?? "")?.[1];
  if (agentId !== undefined && request.method === "PUT") arrivals.push([agentId, monotonicMs()]);
});

process.on("message", () => {
  const told: Told = { arrivals, passed: gate?.passed() ?? 0, refused: gate?.refused() ?? 0 };
  arrivals = [];
  process.send?.(told);
});
process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true, url: gate?.url ?? sandbox.url, adminUrl: sandbox.url });
