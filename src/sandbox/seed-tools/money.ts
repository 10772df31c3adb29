import { addMoney, formatMoney, type Money, zero } from "../../incident/money.ts";
import { type budgetStatus, rounded } from "../budgets.ts";
import { type BudgetInput, getBudgetTool, setBudgetTool } from "../rest/budgets.ts";
import { getTransactionsTool, getUsageTool, sumCost, usageSince } from "../rest/ledger.ts";
import { getBalanceTool } from "../rest/wallets.ts";
import type { World } from "../world.ts";
import { type AnySeedTool, agentIn, type Given, seedTool } from "./seed-tool.ts";

const agentOnly = ["agent_id"];

/** Amounts are decimal strings throughout this form; a missing cap is null. */
export const moneyTools: readonly AnySeedTool[] = [
  seedTool({
    name: "get_balance",
    tool: getBalanceTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: ({ balance }: { balance: Money }, given) => ({ agent_id: given.agent_id, balance: formatMoney(balance) }),
  }),
  seedTool({
    name: "get_budget_status",
    tool: getBudgetTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: (status: ReturnType<typeof budgetStatus>) => ({
      agent_id: status.agent_id,
      utilization_pct: Math.max(status.daily_pct, status.monthly_pct),
      daily_limit: text(status.daily_cap),
      daily_spent: formatMoney(status.daily_spend),
    }),
  }),
  seedTool({
    name: "set_budget_cap",
    tool: setBudgetTool,
    required: agentOnly,
    toInput: (given) => ({
      ...agentIn(given),
      daily_cap: given.daily as BudgetInput["daily_cap"],
      monthly_cap: given.monthly as BudgetInput["monthly_cap"],
      alert_threshold: given.alert_threshold as number | undefined,
    }),
    toAnswer: (caps: { daily_cap: Money | null; monthly_cap: Money | null }, given) => ({
      agent_id: given.agent_id,
      daily: text(caps.daily_cap),
      monthly: text(caps.monthly_cap),
    }),
  }),
  seedTool({
    name: "get_usage_analytics",
    tool: getUsageTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: (usage: { total_calls: number; total_cost: Money }, given, world) => ({
      agent_id: given.agent_id,
      total_calls: usage.total_calls,
      total_cost: formatMoney(usage.total_cost),
      by_tool: callsByTool(world, String(given.agent_id)),
    }),
  }),
  seedTool({
    name: "get_billing_summary",
    tool: getBalanceTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: ({ balance }: { balance: Money }, given, world) => ({
      agent_id: given.agent_id,
      balance: formatMoney(balance),
      total_fees: formatMoney(sumCost(usageSince(world, String(given.agent_id), 0))),
      total_in: formatMoney(flow(world, given, (amount) => amount > zero)),
      total_out: formatMoney(-flow(world, given, (amount) => amount < zero) as Money),
    }),
  }),
  seedTool({
    name: "get_spending_by_category",
    tool: getTransactionsTool,
    required: agentOnly,
    toInput: (given) => ({ ...agentIn(given), limit: -1 }),
    toAnswer: ({ transactions }: { transactions: ReadonlyArray<{ amount: Money; description: string }> }, given) => ({
      agent_id: given.agent_id,
      categories: spendingByPrefix(transactions),
    }),
  }),
];

function text(cap: Money | null): string | null {
  return cap === null ? null : formatMoney(cap);
}

function callsByTool(world: World, agentId: string): Record<string, number> {
  const groups = Map.groupBy(usageSince(world, agentId, 0), (row) => row.tool);
  return Object.fromEntries([...groups].map(([tool, rows]) => [tool, rows.length]));
}

function flow(world: World, given: Given, wanted: (amount: Money) => boolean): Money {
  const rows = world.state.transactions.get(String(given.agent_id)) ?? [];
  return addMoney(...rows.map((row) => row.amount).filter(wanted));
}

/** A category is the part of the description before its first colon, with its share of all spending in percent. */
function spendingByPrefix(transactions: ReadonlyArray<{ amount: Money; description: string }>) {
  const spent = transactions.filter((row) => row.amount < zero);
  const all = Number(addMoney(...spent.map((row) => row.amount))) || 1;
  const groups = Map.groupBy(spent, (row) => row.description.split(":")[0] ?? "");
  return [...groups].map(([category, rows]) => {
    const amount = addMoney(...rows.map((row) => row.amount));
    return { category, amount: formatMoney(-amount as Money), share_pct: rounded((Number(amount) / all) * 100) };
  });
}
