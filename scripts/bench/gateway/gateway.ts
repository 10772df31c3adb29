import { request } from "undici";
import type { Child } from "../child.ts";
import type { Stage } from "../stage.ts";
import type { GatewayOptions, Told } from "./gateway-process.ts";

export interface Effect {
  effect: string;
  atMs: number;
  caps?: { daily: string | null };
}

/** The gateway's side of a benchmark: sets the stage, and tells what really happened there. */
export interface GatewayDouble {
  /** What the product calls. */
  url: string;
  placeAgents(agentIds: readonly string[]): Promise<void>;
  holdEscrows(agentId: string, count: number): Promise<void>;
  effects(agentId: string): Promise<readonly Effect[]>;
  /** Calls answered by route. */
  calls(): Promise<Record<string, number>>;
  told(): Promise<Told>;
  /** One budget write, in milliseconds: what a round trip costs from here. */
  roundTrip(): Promise<number>;
  stop(): Promise<void>;
}

export async function startGateway(stage: Stage, options: GatewayOptions): Promise<GatewayDouble> {
  const child: Child = await stage.start("gateway/gateway-process.ts", JSON.stringify(options));
  const { url = "", adminUrl = "" } = child.facts as { url?: string; adminUrl?: string };
  const call = (method: "GET" | "POST" | "PUT", path: string, body?: unknown) =>
    ask(`${adminUrl}${path}`, method, body);
  const placeAgents = async (agentIds: readonly string[]) => {
    const caps = { balance: "1000000.00", dailyCap: "500.00", monthlyCap: "15000.00" };
    await call(
      "POST",
      "/_sandbox/agents",
      agentIds.map((agentId) => ({ agentId, ...caps })),
    );
  };
  return {
    url,
    placeAgents,
    holdEscrows: async (payer, count) =>
      void (await call("POST", "/_sandbox/escrows", { payer, payee: "flaky-upstream", amount: "150.00", count })),
    async effects(agentId) {
      const { effects } = (await call("GET", `/_sandbox/effects?agentId=${agentId}`)) as { effects: Effect[] };
      return effects;
    },
    async calls() {
      const { byRoute } = (await call("GET", "/_sandbox/requests")) as { byRoute: Record<string, object> };
      const sum = (counts: object) => Object.values(counts).reduce((a: number, b: number) => a + b, 0);
      return Object.fromEntries(Object.entries(byRoute).map(([route, counts]) => [route, sum(counts)]));
    },
    told: () => child.ask<Told>("what arrived?"),
    async roundTrip() {
      await placeAgents(["somebody-else"]);
      const startedAt = performance.now();
      await call("PUT", "/v1/billing/wallets/somebody-else/budget", { daily_cap: 1, monthly_cap: 1 });
      return performance.now() - startedAt;
    },
    stop: () => child.stop(),
  };
}

async function ask(url: string, method: "GET" | "POST" | "PUT", body?: unknown): Promise<unknown> {
  const headers = { authorization: "Bearer sandbox-admin-benchmark", "content-type": "application/json" };
  const answer = await request(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${url} answered ${answer.statusCode} ${text}`);
  return JSON.parse(text);
}
