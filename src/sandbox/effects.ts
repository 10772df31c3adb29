import { formatMoney, type Money } from "../incident/money.ts";

/** What really happened to the state, in order. Tests and drills judge a responder by this and not by the answers it got. */
export type EffectName =
  | "escrow.created"
  | "escrow.refunded"
  | "escrow.settled"
  | "escrow.expired"
  | "budget.set"
  | "wallet.frozen"
  | "wallet.unfrozen"
  | "wallet.deposited"
  | "wallet.withdrawn"
  | "event.published"
  | "identity.registered"
  | "identity.rotated"
  | "reputation.set"
  | "metrics.submitted"
  | "chain.built"
  | "service.rated"
  | "webhook.registered"
  | "webhook.deleted"
  | "key.created"
  | "control.set"
  | "control.rotated";

/** Amounts are decimal strings; `actor` is the agent of the key that did it, which need not be the agent it was done to. */
export interface Effect {
  seq: number;
  atMs: number;
  effect: EffectName;
  agentId?: string;
  actor?: string;
  escrowId?: string;
  payee?: string;
  amount?: string;
  caps?: { daily: string | null; monthly: string | null; alertThreshold: number };
  idempotencyKey?: string;
  detail?: string;
}

export interface EffectLog {
  record(effect: EffectName, facts: EffectFacts): void;
  list(): readonly Effect[];
  clear(): void;
}

export interface EffectFacts {
  agentId?: string | undefined;
  actor?: string | undefined;
  escrowId?: string | undefined;
  payee?: string | undefined;
  amount?: Money | undefined;
  caps?: { daily: Money | null; monthly: Money | null; alertThreshold: number } | undefined;
  idempotencyKey?: string | undefined;
  detail?: string | undefined;
}

export function createEffectLog(now: () => number): EffectLog {
  let effects: Effect[] = [];
  let lastSeq = 0;
  return {
    record(effect, facts) {
      lastSeq += 1;
      effects.push({ seq: lastSeq, atMs: now(), effect, ...onTheWire(facts) });
    },
    list: () => effects,
    clear() {
      effects = [];
    },
  };
}

function onTheWire({ amount, caps, ...rest }: EffectFacts): Omit<Effect, "seq" | "atMs" | "effect"> {
  const facts: Record<string, unknown> = { ...rest };
  if (amount !== undefined) facts.amount = formatMoney(amount);
  if (caps) {
    facts.caps = {
      daily: caps.daily === null ? null : formatMoney(caps.daily),
      monthly: caps.monthly === null ? null : formatMoney(caps.monthly),
      alertThreshold: caps.alertThreshold,
    };
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
