import { request } from "undici";

/** What the sandbox's admin routes tell and take, as tests use them. */
export interface SandboxAdmin {
  placeAgent(agentId: string, agent?: Record<string, unknown>): Promise<void>;
  /** As the agent, over the gateway's own route: the escrow's id, or null where the gateway refused it. */
  createEscrow(payer: string, payee: string, amount: string): Promise<string | null>;
  holdEscrows(payer: string, payee: string, amount: string, count: number): Promise<readonly string[]>;
  fault(rule: Record<string, unknown>): Promise<void>;
  clearFaults(): Promise<void>;
  setCaps(agentId: string, dailyCap: string | null, monthlyCap: string | null): Promise<void>;
  /** Has the gateway say so on its webhooks. */
  announce(eventType: string, agentId: string, payload: Record<string, unknown>): Promise<void>;
  put(path: string, body: unknown): Promise<unknown>;
  state(): Promise<SandboxState>;
  effects(effect?: string): Promise<readonly SandboxEffect[]>;
  deliveries(): Promise<readonly SandboxDelivery[]>;
  /** The standing fault rules and how often each has struck. */
  faults(): Promise<readonly { kind: string; probability?: number; struck: number }[]>;
  /** How many calls of this tool got an answer, or were cut. */
  calls(tool: string): Promise<number>;
}

export interface SandboxDelivery {
  /** The exact bytes sent, as text. */
  body: string;
  eventType: string;
  status: "pending" | "delivered" | "failed";
  attempts: number;
  responseCode: number | null;
}

export interface SandboxState {
  agents: {
    agentId: string;
    balance: string;
    locked: string;
    isFrozen: boolean;
    caps: { daily: string | null; monthly: string | null; alertThreshold: number };
    escrows: Record<string, number>;
    control: { tools: "none" | "read-only" | "all"; isolated: boolean; paused: boolean; rotations: readonly string[] };
  }[];
  escrows: Record<string, number>;
  doubleRefunds: string[];
}

export interface SandboxEffect {
  effect: string;
  atMs: number;
  agentId?: string;
  escrowId?: string;
  amount?: string;
  caps?: { daily: string | null; monthly: string | null };
  idempotencyKey?: string;
  detail?: string;
}

export function sandboxAdmin(url: string): SandboxAdmin {
  const call = async (
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    token = "sandbox-admin-tests",
  ) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await request(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text ? JSON.parse(text) : null };
  };
  const ok = async (...args: Parameters<typeof call>) => {
    const { status, body } = await call(...args);
    if (status >= 300) throw new Error(`${args[0]} ${args[1]} answered ${status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    async placeAgent(agentId, agent = {}) {
      await ok("POST", "/_sandbox/agents", {
        agentId,
        balance: "100000.00",
        dailyCap: "500.00",
        monthlyCap: "15000.00",
        ...agent,
      });
    },
    async createEscrow(payer, payee, amount) {
      const { status, body } = await call(
        "POST",
        "/v1/payments/escrows",
        { payer, payee, amount },
        `sandbox-agent-${payer}`,
      );
      return status === 201 ? body.id : null;
    },
    async holdEscrows(payer, payee, amount, count) {
      return (await ok("POST", "/_sandbox/escrows", { payer, payee, amount, count })).escrowIds;
    },
    async fault(rule) {
      await ok("POST", "/_sandbox/faults", rule);
    },
    async clearFaults() {
      await ok("DELETE", "/_sandbox/faults");
    },
    async setCaps(agentId, dailyCap, monthlyCap) {
      await ok(
        "PUT",
        `/v1/billing/wallets/${agentId}/budget`,
        { daily_cap: dailyCap, monthly_cap: monthlyCap },
        `sandbox-agent-${agentId}`,
      );
    },
    async announce(eventType, agentId, payload) {
      await ok("POST", "/_sandbox/announce", { eventType, agentId, payload });
    },
    put: (path, body) => ok("PUT", path, body),
    state: () => ok("GET", "/_sandbox/state"),
    async effects(effect) {
      return (await ok("GET", `/_sandbox/effects${effect ? `?effect=${effect}` : ""}`)).effects;
    },
    deliveries: async () => (await ok("GET", "/_sandbox/deliveries")).deliveries,
    faults: async () => (await ok("GET", "/_sandbox/faults")).faults,
    async calls(tool) {
      const answers: Record<string, number> = (await ok("GET", "/_sandbox/requests")).byRoute[tool] ?? {};
      return Object.values(answers).reduce((sum, count) => sum + count, 0);
    },
  };
}
