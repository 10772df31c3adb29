import type { LatePorts } from "../../contain/late.ts";
import type { GatewayEvent } from "../../incident/event.ts";
import type { Escrow } from "../../incident/gateway.ts";
import { addMoney, type Money, money, zero } from "../../incident/money.ts";

/** An escrow that its payer opened just now, as the trace tells it. */
export interface Opening {
  payer: string;
  amount: Money;
  at: number;
}

/** Whose money is where, by what the trace told so far: it stands in for the gateway, which cannot be asked about last year. */
export interface Book {
  /** Null where the event opened no escrow that was not known. */
  take(event: GatewayEvent): Opening | null;
  /** Opened by the agent and not ended. */
  locked(agentId: string): { escrows: number; amount: Money };
  /** All that the agent opened. */
  opened(agentId: string): Money;
  firstEventAt(agentId: string): number;
  agents(): number;
  /** For what is late: containment asks whether it still holds. */
  gateway: LatePorts["gateway"];
}

interface Account {
  firstEventAt: number;
  held: Map<string, { payee: string; amount: Money }>;
  opened: Money;
  utilizationPct: number;
}

/** Ends are remembered so long that what is told of twice, or late, is not opened again. */
const MOST_ENDED = 200_000;

export function createBook(): Book {
  const accounts = new Map<string, Account>();
  const ended = new Set<string>();
  const accountOf = (agentId: string, at: number): Account => {
    const known = accounts.get(agentId);
    if (known !== undefined) return known;
    const account = { firstEventAt: at, held: new Map(), opened: zero, utilizationPct: 0 };
    accounts.set(agentId, account);
    return account;
  };
  const end = (name: string) => {
    ended.add(name);
    if (ended.size > MOST_ENDED) ended.delete(ended.values().next().value!);
  };
  return {
    take({ agentId, occurredAt: at, facts }) {
      if (agentId === null) return null;
      const account = accountOf(agentId, at);
      if (at < account.firstEventAt) account.firstEventAt = at;
      if (facts.kind === "budget") account.utilizationPct = facts.utilizationPct;
      if (facts.kind !== "escrow" || facts.payer !== agentId) return null;
      const { escrowId, state, payer } = facts;
      const name = `${payer} ${escrowId}`;
      if (state === "settled" || state === "refunded" || state === "expired") {
        account.held.delete(escrowId);
        end(name);
      }
      if (state !== "held" || account.held.has(escrowId) || ended.has(name)) return null;
      const amount = money(facts.amount ?? "0");
      account.held.set(escrowId, { payee: facts.payee ?? "", amount });
      account.opened = addMoney(account.opened, amount);
      return { payer, amount, at };
    },
    locked(agentId) {
      const held = [...(accounts.get(agentId)?.held.values() ?? [])];
      return { escrows: held.length, amount: addMoney(...held.map(({ amount }) => amount)) };
    },
    opened: (agentId) => accounts.get(agentId)?.opened ?? zero,
    firstEventAt: (agentId) => accounts.get(agentId)?.firstEventAt ?? 0,
    agents: () => accounts.size,
    gateway: gatewayOf(accounts),
  };
}

function gatewayOf(accounts: ReadonlyMap<string, Account>): Book["gateway"] {
  return {
    async readBudget(agentId) {
      const utilizationPct = accounts.get(agentId)?.utilizationPct ?? 0;
      const unknown = { alertThreshold: undefined, dailySpend: undefined, monthlySpend: undefined };
      return { ...unknown, agentId, utilizationPct, dailyCap: null, monthlyCap: null };
    },
    async *listEscrows(agentId) {
      const held = [...(accounts.get(agentId)?.held ?? [])];
      yield held.map(([id, { payee, amount }]): Escrow => {
        return { id, payer: agentId, payee, amount, state: "held", rawStatus: "held", createdAt: undefined };
      });
    },
  };
}
