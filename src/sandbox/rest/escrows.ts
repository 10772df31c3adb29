import { z } from "zod";
import { type Money, money, parseMoney, percentOf, zero } from "../../incident/money.ts";
import { createEscrow, findEscrow, listEscrows } from "../escrow-book.ts";
import { cancelEscrow, releaseEscrow } from "../escrow-moves.ts";
import type { Caller } from "../keys.ts";
import { seconds, Unrounded } from "../presentation.ts";
import { Problem } from "../problem.ts";
import type { EscrowRow } from "../state.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import { wholeNumber } from "./serve.ts";

const feeFloor = money("0.01");
const feeCeiling = money("10");

/** 1.5 % of the principal, at least 0.01 and at most 10; it stays paid when the escrow is cancelled. */
export function escrowFee(input: Record<string, unknown>): Money {
  const principal = parseMoney(input.amount) ?? zero;
  const fee = percentOf(principal, 150) / 100n;
  return (fee < feeFloor ? feeFloor : fee > feeCeiling ? feeCeiling : fee) as Money;
}

interface NewEscrow {
  payer: string;
  payee: string;
  amount: string | number;
  description?: string | undefined;
  currency?: string | undefined;
  timeout_hours?: number | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
}

export const createEscrowTool: Tool<NewEscrow> = {
  name: "create_escrow",
  scope: "write",
  tier: "pro",
  owned: ["payer"],
  required: ["payer", "payee", "amount"],
  fee: escrowFee,
  run(world, { caller, input, idempotencyKey }) {
    const { payer, payee, amount } = { ...input, amount: readPrincipal(input.amount) };
    const order = { payer, payee, amount, idempotencyKey, actor: caller.agentId };
    const row = createEscrow(world, { ...order, ...terms(input) });
    return { id: row.id, status: row.status, amount: new Unrounded(row.amount), currency: row.currency };
  },
};

export const getEscrowTool: Tool<{ escrow_id: string }> = {
  name: "get_escrow",
  scope: "read",
  tier: "free",
  required: ["escrow_id"],
  run(world, { input }) {
    const { id, status, payer, payee, amount, description, createdAtMs } = findEscrow(world, input.escrow_id);
    return { id, status, payer, payee, amount: new Unrounded(amount), description, created_at: seconds(createdAtMs) };
  },
};

export const listEscrowsTool: Tool<{ agent_id: string; status?: string; limit?: number; offset?: number }> = {
  name: "list_escrows",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { input }) {
    const page = {
      limit: input.limit ?? 50,
      offset: input.offset ?? 0,
      ...(input.status ? { status: input.status } : {}),
    };
    const escrows = listEscrows(world, input.agent_id, page).map(listedRow);
    return { escrows, count: escrows.length };
  },
};

/** Payer or admin. The payee may take the money but not send it back. */
export const cancelEscrowTool: Tool<{ escrow_id: string }> = {
  name: "cancel_escrow",
  scope: "write",
  tier: "free",
  required: ["escrow_id"],
  sleepsMidway: true,
  async run(world, { caller, input, idempotencyKey, midwayMs }) {
    const row = findEscrow(world, input.escrow_id);
    refuseOutsiders(caller, [row.payer]);
    const { id, status, amount } = await cancelEscrow(world, row, { actor: caller.agentId, idempotencyKey, midwayMs });
    return { id, status, amount: new Unrounded(amount) };
  },
};

/** Payer, payee or admin: a hostile payee can pay itself at any time. Answers with the settlement's id, not the escrow's. */
export const releaseEscrowTool: Tool<{ escrow_id: string }> = {
  name: "release_escrow",
  scope: "write",
  tier: "pro",
  required: ["escrow_id"],
  run(world, { caller, input, idempotencyKey }) {
    const row = findEscrow(world, input.escrow_id);
    refuseOutsiders(caller, [row.payer, row.payee]);
    const { settlementId, amount } = releaseEscrow(world, row, { actor: caller.agentId, idempotencyKey });
    return { id: settlementId, status: "settled", amount: new Unrounded(amount) };
  },
};

export const escrowRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path: "/v1/payments/escrows",
    tool: createEscrowTool,
    body: z.strictObject({
      payer: agentIdText(),
      payee: agentIdText(),
      amount: z
        .union([z.string(), z.number()])
        .refine(isPrincipal, "Input should be greater than 0 with at most 2 decimal places"),
      description: z.string().max(2_000).optional(),
      currency: z.string().optional(),
      timeout_hours: z.int().nullable().optional(),
      metadata: z.record(z.string(), z.unknown()).nullable().optional(),
    }),
    status: 201,
    location: (result) => `/v1/payments/escrows/${result.id}`,
  }),
  route({
    method: "get",
    path: "/v1/payments/escrows",
    tool: listEscrowsTool,
    query: z.object({
      agent_id: z.string(),
      status: z.string().optional(),
      limit: wholeNumber(50),
      offset: wholeNumber(0),
    }),
    isUnwrapped: true,
  }),
  route({ method: "get", path: "/v1/payments/escrows/:escrow_id", tool: getEscrowTool }),
  route({ method: "post", path: "/v1/payments/escrows/:escrow_id/cancel", tool: cancelEscrowTool }),
  route({ method: "post", path: "/v1/payments/escrows/:escrow_id/release", tool: releaseEscrowTool }),
];

function agentIdText() {
  return z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "String should match the agent id pattern");
}

function isPrincipal(value: string | number): boolean {
  const amount = parseMoney(value);
  return amount !== undefined && amount > zero && amount <= money("1000000000") && amount % 1_000_000n === 0n;
}

function readPrincipal(value: string | number): Money {
  const amount = parseMoney(value);
  if (amount === undefined || amount <= zero) throw new Problem(400, "payment-error", "Amount must be positive");
  return amount;
}

function terms(input: NewEscrow) {
  return {
    currency: input.currency ?? "CREDITS",
    description: input.description ?? "",
    timeoutHours: input.timeout_hours ?? null,
    metadata: input.metadata ?? {},
  };
}

function refuseOutsiders(caller: Caller, insiders: readonly string[]): void {
  if (caller.isAdmin || insiders.includes(caller.agentId)) return;
  throw new Problem(403, "forbidden", "Forbidden: you are not a party to this escrow");
}

/** A listed row rounds to two decimals, as `amount` is Money here and not `Unrounded`. */
function listedRow(row: EscrowRow) {
  return {
    id: row.id,
    payer: row.payer,
    payee: row.payee,
    amount: row.amount,
    description: row.description,
    idempotency_key: row.idempotencyKey,
    status: row.status,
    settlement_id: row.settlementId,
    timeout_at: row.timeoutAtMs === null ? null : seconds(row.timeoutAtMs),
    created_at: seconds(row.createdAtMs),
    updated_at: seconds(row.updatedAtMs),
    metadata: row.metadata,
  };
}
