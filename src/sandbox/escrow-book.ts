import { formatMoney, type Money } from "../incident/money.ts";
import { Problem } from "./problem.ts";
import { append, type EscrowRow, type EscrowStatus } from "./state.ts";
import { withdraw } from "./wallets.ts";
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
    payee: row.payee,
    amount,
    idempotencyKey,
  });
  announceEscrow(world, row, null);
  return row;
}

function newRow(world: World, order: EscrowOrder): EscrowRow {
  const nowMs = world.now();
  return {
    id: `esc-${world.state.run}${nextId(world).toString(16).padStart(8, "0")}`,
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

/** Tells the webhooks; null is the state of an escrow that was not there before. */
export function announceEscrow(world: World, row: EscrowRow, previousStatus: EscrowStatus | null): void {
  world.courier.announce("escrow_state_change", row.payer, {
    escrow_id: row.id,
    payer: row.payer,
    payee: row.payee,
    amount: formatMoney(row.amount),
    status: row.status,
    previous_status: previousStatus,
  });
}
