import type { TourniquetError } from "../errors.ts";
import type { Money } from "./money.ts";

/**
 * What a write to the gateway came to (guarantees.md G7). `not-done` is said only where the gateway certainly did nothing;
 * a time-out, a reset or a 5xx is `unknown`: the effect may be there, or still land. Whoever repeats an unknown cancel
 * without reading first can make the gateway refund twice.
 */
export type Outcome<T> =
  | { outcome: "done"; value: T }
  | { outcome: "not-done"; error: TourniquetError }
  | { outcome: "unknown"; error: TourniquetError };

/** null: uncapped. undefined: the gateway did not say (the tools dialect shows no monthly cap). Zero: frozen. Three different things. */
export interface BudgetCaps {
  dailyCap: Money | null;
  monthlyCap: Money | null | undefined;
  /** Share of a cap at which the gateway alerts, 0..1 (its default 0.8); undefined where the dialect does not show it. */
  alertThreshold: number | undefined;
}

export interface Budget extends BudgetCaps {
  agentId: string;
  dailySpend: Money | undefined;
  monthlySpend: Money | undefined;
  /** The larger of daily and monthly, in percent; reads 0 at a cap of 0, so it never tells whether an agent is frozen. */
  utilizationPct: number;
}

/** held: money locked, cancellable by the payer. refunded and expired: it came back. settled: it is lost. unknown: a word we do not know. */
export type EscrowState = "held" | "settled" | "refunded" | "expired" | "disputed" | "unknown";

export interface Escrow {
  id: string;
  payer: string;
  payee: string;
  amount: Money;
  state: EscrowState;
  /** The gateway's own word, for people. */
  rawStatus: string;
  /** Milliseconds since 1970, if the gateway said. */
  createdAt: number | undefined;
}

export interface Identity {
  agentId: string;
  publicKey: string | undefined;
  createdAt: string | undefined;
  raw: Readonly<Record<string, unknown>>;
}

/** C4: `unknown` where the gateway can verify nothing; shown as such, never as healthy and never as compromised. */
export interface Verification {
  verdict: "valid" | "invalid" | "unknown";
  reason: string;
}

/** score 0..1, or undefined where the gateway never computed one (the real one: zeros with no confidence). */
export interface Reputation {
  score: number | undefined;
  raw: Readonly<Record<string, unknown>>;
}

export interface Balance {
  balance: Money;
}

export interface Transaction {
  id: string;
  amount: Money | undefined;
  type: string;
  description: string;
  createdAt: number | undefined;
  /** Of the call that made it, where the gateway shows it; chosen by whoever called. */
  idempotencyKey: string | undefined;
}

/** A row of the event bus as the gateway shows it. Any key of any tenant writes any type and source: a hint, never a proof. */
export interface BusEvent {
  /** Ascending; counts anew when the gateway's database is restored. */
  id: number;
  type: string;
  source: string;
  integrityHash: string;
  createdAt: number | undefined;
  raw: Readonly<Record<string, unknown>>;
}

export interface WebhookRegistration {
  id: string;
  url: string;
  eventTypes: readonly string[];
  active: boolean;
  /** It tells of these agents alone; null: of all. */
  onlyAgents: readonly string[] | null;
}

/** An action key names one intended effect (`cancel:<escrow>`); it goes out as Idempotency-Key where the gateway takes one. */
export type ActionKey = string & { readonly __actionKey: true };

/**
 * GreenHelix as we need it, whichever form it is called in. Reads throw TourniquetError; writes never throw for what the
 * gateway or the network did: they answer an Outcome. No call is repeated in here: repeating is the step's decision.
 * Every call names the agent it is for, since hosted customers act with one key per agent (mission O9).
 */
export interface Gateway {
  readonly dialect: "rest" | "tools";
  /** What time it is there by its answers so far, milliseconds since 1970; null where none has said. */
  now(): number | null;

  readBudget(agentId: string, options?: CallOptions): Promise<Budget>;
  /** Full replace on the gateway's side: both caps and the threshold go out in every write. */
  setBudget(
    agentId: string,
    caps: BudgetCaps,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<BudgetCaps>>;
  /** Admin keys only. A frozen wallet takes no refund: cancel first, freeze after. */
  setWalletFrozen(
    agentId: string,
    frozen: boolean,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<{ frozen: boolean }>>;

  /** Every page, one array a page, rows in which the agent is payee included; ends when the gateway has shown all. */
  listEscrows(agentId: string, filter: { held?: boolean }, options?: CallOptions): AsyncIterable<readonly Escrow[]>;
  readEscrow(agentId: string, escrowId: string, options?: CallOptions): Promise<Escrow>;
  /** The caller holds the claim on this escrow: at most one cancel in flight anywhere. */
  cancelEscrow(
    agentId: string,
    escrowId: string,
    reason: string,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<{ state: EscrowState }>>;

  readIdentity(agentId: string, options?: CallOptions): Promise<Identity>;
  verifyAgent(agentId: string, options?: CallOptions): Promise<Verification>;
  readReputation(agentId: string, options?: CallOptions): Promise<Reputation>;
  readClaims(agentId: string, options?: CallOptions): Promise<readonly Readonly<Record<string, unknown>>[]>;
  readClaimChains(agentId: string, options?: CallOptions): Promise<readonly Readonly<Record<string, unknown>>[]>;
  submitMetrics(
    agentId: string,
    metrics: Record<string, unknown>,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<unknown>>;
  rateService(
    agentId: string,
    serviceId: string,
    rating: number,
    review: string,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<unknown>>;

  readBalance(agentId: string, options?: CallOptions): Promise<Balance>;
  /** Newest first, every page down to sinceMs (milliseconds since 1970). */
  listTransactions(agentId: string, sinceMs: number, options?: CallOptions): Promise<readonly Transaction[]>;
  /** get_usage_analytics, get_billing_summary and get_spending_by_category in one: composed where the gateway lacks them. */
  readUsage(agentId: string, sinceMs: number, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>;

  publishEvent(
    agentId: string,
    eventType: string,
    payload: Record<string, unknown>,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<{ eventId: string }>>;
  /** One page, oldest first, of what came after `sinceId` (0: all that is kept, 24 h). Throws not-found where there is no bus to read. */
  listEvents(agentId: string, sinceId: number, options?: CallOptions): Promise<readonly BusEvent[]>;
  listWebhooks(agentId: string, options?: CallOptions): Promise<readonly WebhookRegistration[]>;
  registerWebhook(
    agentId: string,
    registration: { url: string; eventTypes: readonly string[]; secret: string },
    options?: CallOptions,
  ): Promise<Outcome<WebhookRegistration>>;
  /** Registrations cannot be changed, only taken back; a second time is `not-done`. */
  removeWebhook(agentId: string, webhookId: string, options?: CallOptions): Promise<Outcome<{ removed: boolean }>>;
  testWebhook(
    agentId: string,
    webhookId: string,
    options?: CallOptions,
  ): Promise<Outcome<{ delivered: boolean; responseCode: number | undefined }>>;
}

/** deadlineMs: the whole call, connecting included (default 5,000; guarantees.md section 7). signal: a worker that lost its job aborts. */
export interface CallOptions {
  deadlineMs?: number;
  signal?: AbortSignal;
  /** By performance.now(): what has not gone out by then never does, however the process was held up since it looked (G12). */
  sendBy?: number;
  /** Told of every request that goes out for this call: a list is several. */
  onRequest?: () => void;
}
