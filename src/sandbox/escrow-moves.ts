import { announceEscrow } from "./escrow-book.ts";
import { Problem } from "./problem.ts";
import type { EscrowRow, EscrowStatus } from "./state.ts";
import { deposit, ensureAgent } from "./wallets.ts";
import { nextId, type World } from "./world.ts";

/** What can become of a held escrow: back to the payer, on to the payee, or expired. */
export interface Act {
  actor: string;
  idempotencyKey?: string | undefined;
  /** Sleep between the status read and the payment, on top of the configured pause: an injected late effect. */
  midwayMs?: number | undefined;
}

/**
 * Reads the status, pays back, writes the status, with room in between and no lock, as the real one does it in two
 * databases: cancels that overlap all pay back. With any idempotency key a repeat on a refunded escrow is answered as done.
 */
export async function cancelEscrow(world: World, row: EscrowRow, act: Act): Promise<EscrowRow> {
  if (row.status === "refunded" && act.idempotencyKey !== undefined) return row;
  refuseUnlessHeld(row, "cancel");
  const { beforeRefundMs, afterRefundMs } = world.settings.cancelPause;
  await pause(beforeRefundMs + (act.midwayMs ?? 0));
  refund(world, row, "escrow_refund", act);
  await pause(afterRefundMs);
  become(world, row, "refunded");
  return row;
}

function refund(world: World, row: EscrowRow, prefix: "escrow_refund" | "escrow_expired", act: Act): void {
  deposit(world, row.payer, row.amount, {
    txType: "deposit",
    description: `${prefix}:${row.id}`,
    idempotencyKey: act.idempotencyKey,
  });
  row.refunds += 1;
  world.effects.record(prefix === "escrow_refund" ? "escrow.refunded" : "escrow.expired", {
    agentId: row.payer,
    actor: act.actor,
    escrowId: row.id,
    amount: row.amount,
    idempotencyKey: act.idempotencyKey,
  });
}

/** Pays the payee. Neither a cap of zero nor a frozen payer stops it. */
export function releaseEscrow(world: World, row: EscrowRow, act: Act): EscrowRow {
  if (row.status === "settled" && act.idempotencyKey !== undefined) return row;
  refuseUnlessHeld(row, "release");
  ensureAgent(world, row.payee);
  deposit(world, row.payee, row.amount, {
    txType: "deposit",
    description: `escrow_release:${row.id}`,
    idempotencyKey: act.idempotencyKey,
  });
  row.settlementId = `stl-${nextId(world).toString(16).padStart(12, "0")}`;
  const { amount, payer: agentId, id: escrowId } = row;
  world.effects.record("escrow.settled", {
    agentId,
    actor: act.actor,
    escrowId,
    amount,
    idempotencyKey: act.idempotencyKey,
  });
  become(world, row, "settled");
  return row;
}

/** One pass over what has timed out. A frozen payer ends the pass where it stands, and everybody after it waits: so does the real one. */
export function expireDue(world: World): number {
  let expired = 0;
  for (const row of world.state.escrows.values()) {
    if (row.status !== "held" || row.timeoutAtMs === null || row.timeoutAtMs > world.now()) continue;
    refund(world, row, "escrow_expired", { actor: "scheduler" });
    become(world, row, "expired");
    expired += 1;
  }
  return expired;
}

function refuseUnlessHeld(row: EscrowRow, verb: string): void {
  if (row.status !== "held") throw new Problem(409, "invalid-state", `Cannot ${verb} escrow in state '${row.status}'`);
}

function become(world: World, row: EscrowRow, status: EscrowStatus): void {
  const previous = row.status;
  row.status = status;
  row.updatedAtMs = world.now();
  // The loser of two overlapping cancels writes what is already there: no change of state to announce.
  if (previous !== status) announceEscrow(world, row, previous);
}

/** At least one turn of the event loop, so that overlapping cancels overlap here too. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));
}
