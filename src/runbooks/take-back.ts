import { describeError, isTransient } from "../errors.ts";
import type { Escrow } from "../incident/gateway.ts";
import type { EscrowRecord } from "../incident/incident.ts";
import { formatMoney, money } from "../incident/money.ts";
import { type CancelEnd, cancelOnce, notCalledOff, whatBecameOf } from "./cancel-once.ts";
import { runPool } from "./pool.ts";
import { PROOF_DEADLINE_MS, type Runbook, type StepContext } from "./runbook.ts";

/**
 * One pass over every page of the agent's held escrows: what the scope names is cancelled, suspect payee first, then
 * largest (C2). Cancelling starts with the first page; nothing is cancelled twice, here or anywhere (cancel-once.ts).
 * Answers how many were found held within the scope, and how many of those could not be settled yet.
 */
export async function takeBack(
  context: StepContext,
  scope: Runbook["escrows"],
): Promise<{ found: number; failed: number }> {
  const { ports, incident, abort } = context;
  const suspects = new Set(context.signals.map((signal) => signal.suspectPayee).filter((payee) => payee !== null));
  const known = await ports.incidents.escrows(incident.id);
  const listed = new Set<string>();
  let failed = 0;
  let found = 0;

  const settle = async (escrow: Escrow): Promise<"settled" | { again: Error }> => {
    await ports.pace.turn(incident.agentId, { urgent: false, signal: abort });
    await notCalledOff(context);
    const end = await (escrow.state === "held" ? cancelOnce : whatBecameOf)(context, escrow).catch(failedAlone);
    if (end.result === "again") return { again: end.error };
    if (end.result === "failed") failed += 1;
    await ports.incidents.recordEscrows(incident.id, [record(escrow, end.result, end.reason)], end.isOnlySeen);
    return "settled";
  };

  const pool = runPool<Escrow>({
    concurrency: ports.limits.concurrency,
    urgentFirst: (a, b) => Number(suspects.has(b.payee)) - Number(suspects.has(a.payee)) || compare(b.amount, a.amount),
    work: settle,
    wait: (ms) => ports.clock.wait(ms, abort),
    abort,
  });
  const feed = async () => {
    const list = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
    try {
      for await (const page of ports.gateway.listEscrows(incident.agentId, { held: true }, list)) {
        const own = page.filter((escrow) => escrow.payer === incident.agentId);
        const wanted = own.filter((escrow) => escrow.state === "held" && inScope(escrow, scope, suspects));
        await ports.incidents.recordEscrows(incident.id, newRecords(own, wanted, known));
        found += wanted.length;
        for (const { id } of wanted) listed.add(id);
        pool.add(wanted);
      }
      if (incident.escrowsCountedAt === null) await ports.incidents.stamp(incident.id, "escrowsCountedAt");
      pool.add(vanished(incident.agentId, known, listed));
    } finally {
      pool.close();
    }
  };
  // A page that cannot be read must not keep the escrows of the pages before from being cancelled.
  for (const end of await Promise.allSettled([feed(), pool.done])) {
    if (end.status === "rejected") throw end.reason;
  }
  return { found, failed };
}

/** One that will never be read keeps no other from being cancelled. What may pass ends this attempt: nothing is asked of a gateway that is away. */
function failedAlone(error: unknown): CancelEnd {
  if (isTransient(error)) throw error;
  return { result: "failed", reason: describeError(error).message };
}

export function inScope(escrow: Escrow, scope: Runbook["escrows"], suspects: ReadonlySet<string>): boolean {
  return scope === "all" || (scope === "suspect-payee" && suspects.has(escrow.payee));
}

/** Held when we last wrote, on no page now: whoever cancelled it died before saying so. What became of it is asked; held after all, the next pass lists it. */
function vanished(
  agentId: string,
  known: ReadonlyMap<string, EscrowRecord>,
  listed: ReadonlySet<string>,
): readonly Escrow[] {
  return [...known.values()]
    .filter(({ escrowId, result }) => (result === "held" || result === "failed") && !listed.has(escrowId))
    .map(({ escrowId, payee, amount }) => ({
      id: escrowId,
      payer: agentId,
      payee,
      amount: money(amount),
      state: "unknown",
      rawStatus: "no longer listed as held",
      createdAt: undefined,
    }));
}

/** What we had not seen yet: held ones count as locked from now on; what cannot be cancelled is said with its reason. */
function newRecords(
  own: readonly Escrow[],
  wanted: readonly Escrow[],
  known: ReadonlyMap<string, EscrowRecord>,
): EscrowRecord[] {
  const held = wanted.map((escrow) => record(escrow, "held", "waiting to be cancelled"));
  const skipped = own
    .filter(
      (escrow) =>
        !wanted.includes(escrow) &&
        (escrow.state === "held" || escrow.state === "disputed" || escrow.state === "unknown"),
    )
    .map((escrow) =>
      record(escrow, "skipped", escrow.state === "held" ? "not to the suspect payee" : `state is ${escrow.rawStatus}`),
    );
  return [...held, ...skipped].filter((entry) => !known.has(entry.escrowId));
}

function record(escrow: Escrow, result: EscrowRecord["result"], reason: string): EscrowRecord {
  return { escrowId: escrow.id, payee: escrow.payee, amount: formatMoney(escrow.amount), result, reason };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
