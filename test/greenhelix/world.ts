import { type ConnectedGateway, connectGateway, type GatewaySettings } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";

export interface Effect {
  effect: string;
  agentId?: string;
  escrowId?: string;
  caps?: { daily: string | null; monthly: string | null; alertThreshold: number };
  idempotencyKey?: string;
}

/** A sandbox that serves one form, a gateway client that speaks it, and the sandbox's own word on what happened. */
export interface GatewayWorld {
  url: string;
  gateway: ConnectedGateway;
  connect(settings?: Partial<GatewaySettings>): ConnectedGateway;
  agent(agent: { agentId: string } & Record<string, unknown>): Promise<void>;
  /** Held escrows, opened all at once; their ids, oldest first. */
  held(payer: string, count: number, amount?: string, payee?: string): Promise<string[]>;
  fault(kind: string, tool: string, more?: Record<string, unknown>): Promise<void>;
  caps(agentId: string): Promise<{ daily: string | null; monthly: string | null; alertThreshold: number }>;
  effects(effect: string): Promise<Effect[]>;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export async function startGatewayWorld(dialect: "rest" | "tools"): Promise<GatewayWorld> {
  const sandbox = await startSandbox({ forms: dialect });
  const clients: ConnectedGateway[] = [];
  const connect = (settings: Partial<GatewaySettings> = {}): ConnectedGateway => {
    const client = connectGateway({ baseUrl: sandbox.url, dialect, keyFor: oneKey("sandbox-admin"), ...settings });
    clients.push(client);
    return client;
  };
  const admin = async (method: string, path: string, body?: unknown): Promise<never> => {
    const answer = await fetch(`${sandbox.url}/_sandbox${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`sandbox ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as never;
  };
  return {
    url: sandbox.url,
    gateway: connect(),
    connect,
    admin,
    agent: (agent) => admin("POST", "/agents", { balance: "1000000", ...agent }),
    held: async (payer, count, amount = "150", payee = "payee-1") => {
      const made: { escrowIds: string[] } = await admin("POST", "/escrows", { payer, payee, amount, count });
      return made.escrowIds;
    },
    fault: (kind, tool, more = {}) => admin("POST", "/faults", { match: { tool }, kind, times: 1, ...more }),
    caps: async (agentId) => {
      const state: { agents: { agentId: string; caps: never }[] } = await admin("GET", "/state");
      return state.agents.find((agent) => agent.agentId === agentId)!.caps;
    },
    effects: async (effect) => ((await admin("GET", `/effects?effect=${effect}`)) as { effects: Effect[] }).effects,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await sandbox.close();
    },
  };
}
