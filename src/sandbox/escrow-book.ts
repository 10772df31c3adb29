import { formatMoney, type Money } from "../incident/money.ts";
import { Problem } from "./problem.ts";
import { append, type EscrowRow, type EscrowStatus } from "./state.ts";
import { deposit, ensureAgent, withdraw } from "./wallets.ts";
import { nextId, type World } from "./world.ts";

export interface EscrowOrder {
  payer: string;
  payee: string;
  amount: Money;
  currency: string;
  description: string;
  timeoutHours: number | null;
  metadata: Record<string, unknown>;
  idempotencyKey: string | undefined;
  actor: string;
}

/** Takes the money, then writes the row. A known key gives back the escrow it made, whoever made it and whatever it was for. */
export function createEscrow(world: World, order: EscrowOrder): EscrowRow {
  const known = order.idempotencyKey === undefined ? undefined : world.state.escrowsByKey.get(order.idempotencyKey);
  if (known) return known;
  const { payer, amount, idempotencyKey } = order;
  withdraw(world, payer, amount, {
    txType: "withdrawal",
    description: `escrow_hold:${payer}->${order.payee}`,
    idempotencyKey,
  });
  const row = newRow(world, order);
  store(world, row);
  world.effects.record("escrow.created", {
    agentId: payer,
    actor: order.actor,
    escrowId: row.id,
    amount,
    idempotencyKey,
  });
  announce(world, row, null);
  return row;
}

function newRow(world: World, order: EscrowOrder): EscrowRow {
  const nowMs = world.now();
  return {
    id: `esc-${nextId(world).toString(16).padStart(12, "0")}`,
    payer: order.payer,
    payee: order.payee,
    amount: order.amount,
    currency: order.currency,
    description: order.description,
    idempotencyKey: order.idempotencyKey ?? null,
    status: "held",
    settlementId: null,
    timeoutAtMs: order.timeoutHours === null ? null : nowMs + order.timeoutHours * 3_600_000,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    metadata: { currency: order.currency, ...order.metadata },
    refunds: 0,
  };
}

function store(world: World, row: EscrowRow): void {
  const { escrows, escrowsByAgent, escrowsByKey } = world.state;
  escrows.set(row.id, row);
  append(escrowsByAgent, row.payer, row);
  if (row.payee !== row.payer) append(escrowsByAgent, row.payee, row);
  if (row.idempotencyKey !== null) escrowsByKey.set(row.idempotencyKey, row);
}

export function findEscrow(world: World, escrowId: string): EscrowRow {
  const row = world.state.escrows.get(escrowId);
  if (!row) throw new Problem(404, "escrow-not-found", `Escrow not found: ${escrowId}`);
  return row;
}

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

/** Newest first, rows of which the agent is payee included. A negative limit is no limit. */
export function listEscrows(
  world: World,
  agentId: string,
  page: { status?: string; limit: number; offset: number },
): EscrowRow[] {
  const rows = (world.state.escrowsByAgent.get(agentId) ?? []).filter(
    (row) => page.status === undefined || row.status === page.status,
  );
  const end = page.limit < 0 ? undefined : page.offset + page.limit;
  return rows.reverse().slice(page.offset, end);
}

function refuseUnlessHeld(row: EscrowRow, verb: string): void {
  if (row.status !== "held") throw new Problem(409, "invalid-state", `Cannot ${verb} escrow in state '${row.status}'`);
}

function become(world: World, row: EscrowRow, status: EscrowStatus): void {
  const previous = row.status;
  row.status = status;
  row.updatedAtMs = world.now();
  // The loser of two overlapping cancels writes what is already there: no change of state to announce.
  if (previous !== status) announce(world, row, previous);
}

function announce(world: World, row: EscrowRow, previousStatus: EscrowStatus | null): void {
  world.courier.announce("escrow_state_change", row.payer, {
    escrow_id: row.id,
    payer: row.payer,
    payee: row.payee,
    amount: formatMoney(row.amount),
    status: row.status,
    previous_status: previousStatus,
  });
}

/** At least one turn of the event loop, so that overlapping cancels overlap here too. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));
}
