import type { EscrowState } from "./gateway.ts";

/** Where an event came from: a webhook, or one of our pollers that saw what no webhook said. */
export type EventSource = "webhook" | "poller";

/** What one event says, once its own words are understood. Amounts are decimal strings, percentages numbers. */
export type EventFacts =
  | { kind: "budget"; utilizationPct: number; dailyLimit: string | null; dailySpent: string | null }
  | {
      kind: "escrow";
      escrowId: string;
      /** Null where the event names nobody but the payee: it belongs in nobody's window of spending. */
      payer: string | null;
      payee: string | null;
      amount: string | null;
      state: EscrowState;
      previousState: EscrowState | null;
    }
  | { kind: "reputation"; scoreDelta: number; score: number | null }
  | { kind: "ping" }
  | { kind: "unknown" };

/** An event as received. Id is ours (`evt-<partition>-<hash>`); times are milliseconds since 1970, receivedAt by Redis. */
export interface GatewayEvent {
  id: string;
  type: string;
  /** The agent whose money it is about: the payer of an escrow. Null where the event names none. */
  agentId: string | null;
  source: EventSource;
  occurredAt: number;
  receivedAt: number;
  facts: EventFacts;
}

/** How an accepted event ended (G2). `quarantined` is for events that no attempt could process. */
export const dispositions = ["acted", "joined", "duplicate", "stale", "ignored", "quarantined"] as const;
export type Disposition = (typeof dispositions)[number];
