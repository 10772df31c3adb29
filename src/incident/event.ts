import type { EscrowState } from "./gateway.ts";

/**
 * Where an event came from: a webhook, an agent's own telemetry, one of our pollers that saw what no webhook said, or the
 * gateway's event bus, which every key can write to: alone it never contains anybody (greenhelix.md 2.2).
 */
export const eventSources = ["webhook", "activity", "poller", "bus"] as const;
export type EventSource = (typeof eventSources)[number];

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
  /** A score as a poller read it, 0..1; null where the gateway never computed one. */
  | { kind: "standing"; score: number | null }
  | { kind: "balance"; balance: string }
  /** A row of the agent's account: amount signed, type and description in the gateway's words. */
  | { kind: "transaction"; transactionId: string; amount: string; type: string; description: string }
  | { kind: "identity"; publicKey: string | null; verification: "valid" | "invalid" | "unknown" }
  /** bodyBytes: what the call sends out, as far as its parameters or its sender say. */
  | { kind: "tool-call"; tool: string; bodyBytes: number }
  | { kind: "output" }
  /** code is "insufficient-balance" in whatever words the agent's system says that (D8). */
  | { kind: "error"; code: string | null; message: string | null }
  /** A failed one tells nothing of the agent: somebody else may have tried. */
  | { kind: "auth"; address: string | null; userAgent: string | null; succeeded: boolean }
  | { kind: "ping"; webhookId: string | null }
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
