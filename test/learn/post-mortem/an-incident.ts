import { sumDollars } from "../../../src/incident/dollars.ts";
import type { EscrowRecord, IncidentView } from "../../../src/incident/incident.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { aSignal } from "../../redis/open-request.ts";

/** 2026-11-22T02:47:00Z: the first escrow of the loop. */
export const NIGHT = Date.UTC(2026, 10, 22, 2, 47);
export const seconds = (n: number) => NIGHT + n * 1_000;

/** The signal of the story: eight escrows of 150.00 within 15 s, the last of which proves it. */
export function theLoop(given: Partial<Signal> = {}): Signal {
  return aSignal({
    ...{ id: "sig-loop", agentId: "procurement-17", startedAt: NIGHT, occurredAt: seconds(15) },
    why: {
      ...{ rule: "identical-escrows", ruleVersion: 2, baseline: null },
      sentence: "8 escrows of $150.00 to flaky-upstream within 15 s, $1,200.00 in all: a retry loop",
      thresholds: { identicalCount: 8, identicalWindowMs: 60_000 },
      observed: { count: 8, amount: "150.00", total: "1200.00", payee: "flaky-upstream" },
      events: Array.from({ length: 8 }, (_, index) => `evt-0-${index}`),
    },
    ...given,
  });
}

export function escrow(n: number, result: EscrowRecord["result"], amount = "150.00"): EscrowRecord {
  return { escrowId: `esc-${n}`, payee: "flaky-upstream", amount, result, reason: "" };
}

/** Contained and not over: proved at 15 s, frozen at 16 s, contained at 18 s. What a test is about is given. */
export function anIncident(given: Partial<IncidentView> = {}): IncidentView {
  const escrows = given.escrows ?? Array.from({ length: 9 }, (_, n) => escrow(n, "recovered"));
  return {
    ...{
      id: "inc-0-abc-1",
      agentId: "procurement-17",
      status: "contained",
      priority: "P0",
      runbook: "runaway-spending",
    },
    ...{ runbooks: ["runaway-spending"], dryRun: false, cascadeId: null, epoch: 1, reassertions: 0 },
    ...{ receivedAt: seconds(15), openedAt: seconds(15), requestedAt: seconds(15), effectiveAt: seconds(16) },
    ...{ containedAt: seconds(18), walletFrozenAt: null, closedAt: null, decidedBy: "default policy" },
    ...{
      standDown: null,
      recovery: null,
      supersededBy: null,
      supersedes: null,
      toAnnounce: null,
      escrowsCountedAt: null,
      observedFrom: null,
      joinedAt: seconds(15),
      signalCount: 1,
    },
    ...{ escalation: null, acknowledged: null },
    ...{ signals: [theLoop()], steps: [], timeline: [], escrows, dollars: sumDollars(escrows) },
    ...given,
  };
}

interface Money {
  escrows?: readonly { id: string; at: number | undefined; payee?: string; amount?: string; state?: string }[];
  transactions?: readonly { at: number; amount: string; description: string }[];
  balance?: string;
}

/** Evidence as investigate() keeps it; what is left out was not to be had. */
export function evidenceOf({ escrows, transactions, balance }: Money): Record<string, unknown> {
  const away = { unknown: "no answer within 5000 ms", mayAnswer: true };
  return {
    "at-containment": {
      balance: balance === undefined ? away : { known: { balance } },
      escrows: escrows
        ? {
            known: escrows.map(({ id, at, payee = "flaky-upstream", amount = "150.00", state = "refunded" }) => ({
              ...{ id, payer: "procurement-17", payee, amount, state, rawStatus: state, createdAt: at },
            })),
          }
        : away,
      transactions: transactions
        ? {
            known: transactions.map(({ at, ...row }, index) => ({
              id: `${index}`,
              type: "charge",
              createdAt: at,
              ...row,
            })),
          }
        : away,
      events: [],
    },
  };
}

/** One escrow of 150.00 every two seconds from the first on, `n` of them. */
export const everyTwoSeconds = (n: number) =>
  Array.from({ length: n }, (_, index) => ({ id: `esc-${index}`, at: seconds(index * 2) }));
