import { z } from "zod";
import type { Balance, Transaction } from "../incident/gateway.ts";
import { addMoney, formatMoney, type Money, zero } from "../incident/money.ts";
import { amount, id, listIn, named, readAs, record, time } from "./fields.ts";

export function readBalance(body: unknown): Balance {
  return readAs(z.object({ balance: amount }), body, "get_balance");
}

const transactionShape = z.object({
  id,
  amount: amount.optional().catch(undefined),
  type: z.string().catch("unknown"),
  description: z.string().catch(""),
  createdAt: time,
  idempotencyKey: z.string().optional().catch(undefined),
});

export function readTransactions(body: unknown): readonly Transaction[] {
  return listIn(body, "list_transactions", "transactions", "items", "history").map((item) => {
    const row = readAs(record, item, "list_transactions");
    const read = readAs(
      transactionShape,
      {
        id: named(row, "id", "transaction_id"),
        amount: row.amount,
        type: named(row, "tx_type", "type"),
        description: row.description,
        createdAt: named(row, "created_at", "timestamp"),
        idempotencyKey: row.idempotency_key,
      },
      "list_transactions",
    );
    return { ...read, amount: read.amount, createdAt: read.createdAt, idempotencyKey: read.idempotencyKey };
  });
}

/**
 * What get_billing_summary and get_spending_by_category would say, made of transactions: the real gateway has neither.
 * The category is the type and what stands before the colon of the description (`escrow_hold:payer->payee`).
 */
export function summarize(transactions: readonly Transaction[]): Record<string, unknown> {
  const byCategory = new Map<string, Money>();
  for (const { type, description, amount: sum } of transactions) {
    const prefix = /^([a-z-_]+):/.exec(description)?.[1];
    const category = prefix ? `${type}/${prefix}` : type;
    byCategory.set(category, addMoney(byCategory.get(category) ?? zero, sum ?? zero));
  }
  const sums = [...byCategory].map(([category, sum]) => [category, formatMoney(sum)] as const);
  return { transactions: transactions.length, byCategory: Object.fromEntries(sums) };
}
