import { randomBytes } from "node:crypto";
import type { Money } from "../incident/money.ts";
import type { ReinsRow } from "./agent-control/reins.ts";

/** Everything the double remembers, as plain rows. Times are milliseconds since 1970; the wire forms are made in presentation.ts. */
export type Tier = "free" | "starter" | "pro" | "enterprise";
export type Scope = "read" | "write" | "admin";
export type EscrowStatus = "held" | "settled" | "refunded" | "expired";

export interface Agent {
  id: string;
  /** Several agents may point at one wallet: the real gateway has one wallet an agent, fleets do not always. */
  walletId: string;
  tier: Tier;
  /** What the seeds' verify_agent answers; the real gateway only checks signatures. */
  isVerified: boolean;
}

export interface Wallet {
  id: string;
  balance: Money;
  isFrozen: boolean;
}

/** null is no cap, zero is a frozen agent. Kept apart from agents: a cap may be set for an id nobody has opened a wallet for. */
export interface BudgetRow {
  dailyCap: Money | null;
  monthlyCap: Money | null;
  alertThreshold: number;
}

export interface UsageRow {
  agentId: string;
  tool: string;
  cost: Money;
  atMs: number;
}

export interface EscrowRow {
  id: string;
  payer: string;
  payee: string;
  amount: Money;
  currency: string;
  description: string;
  idempotencyKey: string | null;
  status: EscrowStatus;
  settlementId: string | null;
  timeoutAtMs: number | null;
  createdAtMs: number;
  updatedAtMs: number;
  metadata: Record<string, unknown>;
  /** How often the money went back: 2 is the double refund the real gateway allows and no client may cause. */
  refunds: number;
}

export interface TransactionRow {
  id: number;
  agentId: string;
  amount: Money;
  txType: "deposit" | "withdrawal" | "charge" | "signup_bonus";
  description: string;
  atMs: number;
  idempotencyKey: string | null;
}

export interface IdentityRow {
  agentId: string;
  publicKey: string;
  createdAtMs: number;
}

export interface ReputationRow {
  paymentReliability: number;
  dataSourceQuality: number;
  transactionVolume: number;
  /** 0..100 */
  composite: number;
  /** 0..1 */
  confidence: number;
}

export interface ClaimRow {
  agentId: string;
  metricName: string;
  claimType: "gte" | "lte";
  boundValue: number;
  atMs: number;
  validUntilMs: number;
}

export interface ChainRow {
  id: number;
  agentId: string;
  merkleRoot: string;
  leafHashes: string[];
  periodStartMs: number;
  periodEndMs: number;
  createdAtMs: number;
}

export interface BusRow {
  id: number;
  eventType: string;
  source: string;
  payload: Record<string, unknown>;
  integrityHash: string;
  createdAtMs: number;
}

export interface KeyRow {
  token: string;
  agentId: string;
  tier: Tier;
  scopes: readonly Scope[];
  createdAtMs: number;
}

export interface RatingRow {
  serviceId: string;
  agentId: string;
  rating: number;
  review: string;
}

export interface State {
  agents: Map<string, Agent>;
  wallets: Map<string, Wallet>;
  budgets: Map<string, BudgetRow>;
  usage: Map<string, UsageRow[]>;
  /** Keys that already counted as usage, over all agents: a repeated key is charged but no longer counted. */
  usageKeys: Set<string>;
  escrows: Map<string, EscrowRow>;
  escrowsByAgent: Map<string, EscrowRow[]>;
  escrowsByKey: Map<string, EscrowRow>;
  transactions: Map<string, TransactionRow[]>;
  identities: Map<string, IdentityRow>;
  reputations: Map<string, ReputationRow>;
  claims: Map<string, ClaimRow[]>;
  chains: Map<string, ChainRow[]>;
  bus: BusRow[];
  /** Bus ids count by themselves and survive the purge of old rows. */
  lastBusId: number;
  keys: Map<string, KeyRow>;
  ratings: Map<string, RatingRow>;
  /** What the platform that runs the agents holds back: agent id -> row. */
  reins: Map<string, ReinsRow>;
  /** Four hex digits that differ from run to run, so that an escrow of this one is never taken for one of the last. */
  run: string;
  /** Counts up and never back, also over a purge: ids of one run are unique. */
  lastId: number;
}

export function createState(): State {
  return {
    agents: new Map(),
    wallets: new Map(),
    budgets: new Map(),
    usage: new Map(),
    usageKeys: new Set(),
    escrows: new Map(),
    escrowsByAgent: new Map(),
    escrowsByKey: new Map(),
    transactions: new Map(),
    identities: new Map(),
    reputations: new Map(),
    claims: new Map(),
    chains: new Map(),
    bus: [],
    lastBusId: 0,
    keys: new Map(),
    ratings: new Map(),
    reins: new Map(),
    run: randomBytes(2).toString("hex"),
    lastId: 0,
  };
}

/** Adds a row to the list kept under a key, opening the list if it is the first. */
export function append<K, V>(lists: Map<K, V[]>, key: K, row: V): void {
  const list = lists.get(key);
  if (list) list.push(row);
  else lists.set(key, [row]);
}
