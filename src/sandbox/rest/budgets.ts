import { z } from "zod";
import { type Money, parseMoney } from "../../incident/money.ts";
import { budgetStatus, setBudget } from "../budgets.ts";
import { Problem } from "../problem.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";

export interface BudgetInput {
  agent_id: string;
  daily_cap?: string | number | null | undefined;
  monthly_cap?: string | number | null | undefined;
  alert_threshold?: number | undefined;
}

export const getBudgetTool: Tool<{ agent_id: string }> = {
  name: "get_budget_status",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run: (world, { input }) => budgetStatus(world, input.agent_id),
};

/** An agent's own key may lift the agent's own cap: the cap is a courtesy, not a lock. Negative caps are taken as they are. */
export const setBudgetTool: Tool<BudgetInput> = {
  name: "set_budget_cap",
  scope: "write",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { caller, input, idempotencyKey }) {
    const row = {
      dailyCap: cap(input.daily_cap),
      monthlyCap: cap(input.monthly_cap),
      alertThreshold: input.alert_threshold ?? 0.8,
    };
    setBudget(world, input.agent_id, row, { actor: caller.agentId, idempotencyKey });
    return {
      agent_id: input.agent_id,
      daily_cap: row.dailyCap,
      monthly_cap: row.monthlyCap,
      alert_threshold: row.alertThreshold,
    };
  },
};

function cap(value: string | number | null | undefined): Money | null {
  if (value === undefined || value === null) return null;
  const amount = parseMoney(value);
  if (amount === undefined) throw new Problem(422, "validation-error", "body: a cap must be a decimal");
  return amount;
}

const capField = z
  .union([z.string(), z.number()])
  .refine((value) => parseMoney(value) !== undefined, "Input should be a valid decimal")
  .nullable()
  .optional();

const path = "/v1/billing/wallets/:agent_id/budget";

export const budgetRoutes: readonly AnyRoute[] = [
  route({ method: "get", path, tool: getBudgetTool, isUnwrapped: true }),
  route({
    method: "put",
    path,
    tool: setBudgetTool,
    body: z.strictObject({
      daily_cap: capField,
      daily: capField,
      monthly_cap: capField,
      monthly: capField,
      alert_threshold: z.number().optional(),
    }),
    toInput: (accepted) => ({
      agent_id: String(accepted.agent_id),
      daily_cap: (accepted.daily_cap ?? accepted.daily) as BudgetInput["daily_cap"],
      monthly_cap: (accepted.monthly_cap ?? accepted.monthly) as BudgetInput["monthly_cap"],
      alert_threshold: accepted.alert_threshold as number | undefined,
    }),
    isUnwrapped: true,
  }),
];
