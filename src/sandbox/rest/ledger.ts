import { z } from "zod";
import { type Money, money } from "../../incident/money.ts";
import { seconds } from "../presentation.ts";
import type { UsageRow } from "../state.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import type { World } from "../world.ts";
import { wholeNumber } from "./serve.ts";

/** What can be read back of the past: fees, movements of money, payments. */
interface Since {
  agent_id: string;
  since?: number;
}

export const getUsageTool: Tool<Since> = {
  name: "get_usage_summary",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run: (world, { input }) => usageSummary(world, input),
};

export const getAnalyticsTool: Tool<Since> = {
  ...getUsageTool,
  name: "get_service_analytics",
  run: (world, { input }) => ({ agent_id: input.agent_id, ...usageSummary(world, input) }),
};

export function usageSummary(world: World, { agent_id: agentId, since = 0 }: Since) {
  const rows = usageSince(world, agentId, since);
  return { total_calls: rows.length, total_cost: sumCost(rows), total_tokens: 0 };
}

export function usageSince(world: World, agentId: string, sinceSec: number): readonly UsageRow[] {
  return (world.state.usage.get(agentId) ?? []).filter((row) => row.atMs >= sinceSec * 1000);
}

interface Page {
  agent_id: string;
  limit?: number;
  offset?: number;
}

/** Newest first. */
export const getTransactionsTool: Tool<Page> = {
  name: "get_transactions",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { input }) {
    const rows = [...(world.state.transactions.get(input.agent_id) ?? [])].reverse();
    const transactions = pageOf(rows, input).map((row) => ({
      id: row.id,
      agent_id: row.agentId,
      amount: row.amount,
      tx_type: row.txType,
      type: row.txType,
      description: row.description,
      currency: "CREDITS",
      created_at: seconds(row.atMs),
      timestamp: seconds(row.atMs),
      idempotency_key: row.idempotencyKey,
      result_snapshot: null,
    }));
    return { transactions };
  },
};

/** Costs come out in units of 1e-8 but dressed as money: 2.25 reads "225000000.00". A defect of theirs, kept. */
export const getTimeseriesTool: Tool<Since & { interval: "hour" | "day"; limit?: number }> = {
  name: "get_metrics_timeseries",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id", "interval"],
  run(world, { input }) {
    const lengthSec = input.interval === "day" ? 86_400 : 3_600;
    const groups = Map.groupBy(
      usageSince(world, input.agent_id, input.since ?? 0),
      (row) => Math.floor(seconds(row.atMs) / lengthSec) * lengthSec,
    );
    const buckets = [...groups].map(([timestamp, rows]) => ({
      timestamp,
      calls: rows.length,
      cost: Number(sumCost(rows)),
    }));
    return { buckets: buckets.slice(-(input.limit ?? 24)) };
  },
};

/** Escrows and settlements; intents and subscriptions do not exist here. Newest first. */
export const getHistoryTool: Tool<Page> = {
  name: "get_payment_history",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { input }) {
    const rows = [...(world.state.escrowsByAgent.get(input.agent_id) ?? [])].reverse().flatMap((row) => {
      const { id, payer, payee, amount, status, description } = row;
      const parties = { payer, payee, amount, description };
      const escrow = { type: "escrow", id, ...parties, status, created_at: seconds(row.createdAtMs) };
      if (row.settlementId === null) return [escrow];
      return [
        {
          type: "settlement",
          id: row.settlementId,
          ...parties,
          status: "settled",
          created_at: seconds(row.updatedAtMs),
        },
        escrow,
      ];
    });
    return { history: pageOf(rows, input) };
  },
};

const wallet = "/v1/billing/wallets/:agent_id";
const since = z.coerce.number().optional();
const page = z.object({ limit: wholeNumber(100), offset: wholeNumber(0) });

export const ledgerRoutes: readonly AnyRoute[] = [
  route({ method: "get", path: `${wallet}/usage`, tool: getUsageTool, query: z.object({ since }), isUnwrapped: true }),
  route({ method: "get", path: `${wallet}/analytics`, tool: getAnalyticsTool, query: z.object({ since }) }),
  route({ method: "get", path: `${wallet}/transactions`, tool: getTransactionsTool, query: page, isUnwrapped: true }),
  route({
    method: "get",
    path: `${wallet}/timeseries`,
    tool: getTimeseriesTool,
    query: z.object({ interval: z.enum(["hour", "day"]), since, limit: wholeNumber(24) }),
  }),
  route({
    method: "get",
    path: "/v1/payments/history",
    tool: getHistoryTool,
    query: page.extend({ agent_id: z.string() }),
  }),
];

function pageOf<Row>(rows: readonly Row[], { limit = 100, offset = 0 }: { limit?: number; offset?: number }): Row[] {
  return rows.slice(offset, limit < 0 ? undefined : offset + limit);
}

export function sumCost(rows: readonly UsageRow[]): Money {
  return rows.reduce<bigint>((sum, row) => sum + row.cost, money(0)) as Money;
}
