import { z } from "zod";
import { type Money, parseMoney, zero } from "../../incident/money.ts";
import { Problem } from "../problem.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import { deposit, setFrozen, walletOf, withdraw } from "../wallets.ts";

export const getBalanceTool: Tool<{ agent_id: string; currency?: string }> = {
  name: "get_balance",
  scope: "read",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { input }) {
    const currency = input.currency ?? "CREDITS";
    if (!["CREDITS", "USD", "EUR", "GBP", "BTC", "ETH"].includes(currency))
      throw new Problem(400, "validation-error", "Unsupported currency");
    const { balance } = walletOf(world, input.agent_id);
    // One wallet, one currency here: what the real one keeps in others is zero.
    return currency === "CREDITS" ? { balance } : { balance: zero, currency };
  },
};

interface MovementInput {
  agent_id: string;
  amount: string | number;
  description?: string;
}

export const depositTool: Tool<MovementInput> = {
  name: "deposit",
  scope: "write",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id", "amount"],
  run(world, { caller, input, idempotencyKey }) {
    const { agent_id: agentId, description = "" } = input;
    const amount = positive(input.amount);
    const balance = deposit(world, agentId, amount, { txType: "deposit", description, idempotencyKey });
    world.effects.record("wallet.deposited", { agentId, actor: caller.agentId, amount, idempotencyKey });
    return { new_balance: balance };
  },
};

export const withdrawTool: Tool<MovementInput> = {
  name: "withdraw",
  scope: "write",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id", "amount"],
  run(world, { caller, input, idempotencyKey }) {
    const { agent_id: agentId, description = "" } = input;
    const amount = positive(input.amount);
    const balance = withdraw(world, agentId, amount, { txType: "withdrawal", description, idempotencyKey });
    world.effects.record("wallet.withdrawn", { agentId, actor: caller.agentId, amount, idempotencyKey });
    return { new_balance: balance };
  },
};

function freezer(name: string, isFrozen: boolean): Tool<{ agent_id: string }> {
  return {
    name,
    scope: "write",
    tier: "free",
    isAdminOnly: true,
    required: ["agent_id"],
    run(world, { caller, input }) {
      setFrozen(world, input.agent_id, isFrozen, caller.agentId);
      return { agent_id: input.agent_id, frozen: isFrozen };
    },
  };
}

/** Admin only. A frozen wallet takes no deposit either, so the escrows of a frozen payer can no longer be cancelled. */
export const freezeWalletTool = freezer("freeze_wallet", true);
export const unfreezeWalletTool = freezer("unfreeze_wallet", false);

const amountBody = z.strictObject({
  amount: z
    .union([z.string(), z.number()])
    .refine((value) => (parseMoney(value) ?? zero) > zero, "Input should be greater than 0"),
  description: z.string().optional(),
});

const wallet = "/v1/billing/wallets/:agent_id";

export const walletRoutes: readonly AnyRoute[] = [
  route({
    method: "get",
    path: `${wallet}/balance`,
    tool: getBalanceTool,
    query: z.object({ currency: z.string().optional() }),
    isUnwrapped: true,
  }),
  route({ method: "post", path: `${wallet}/deposit`, tool: depositTool, body: amountBody }),
  route({ method: "post", path: `${wallet}/withdraw`, tool: withdrawTool, body: amountBody }),
  route({ method: "post", path: `${wallet}/freeze`, tool: freezeWalletTool }),
  route({ method: "post", path: `${wallet}/unfreeze`, tool: unfreezeWalletTool }),
];

function positive(value: string | number): Money {
  const amount = parseMoney(value);
  if (amount === undefined || amount <= zero) throw new Problem(400, "validation-error", "Amount must be positive");
  return amount;
}
