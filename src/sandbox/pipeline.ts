import { type Money, zero } from "../incident/money.ts";
import { exceedsCap, recordUsage } from "./budgets.ts";
import { type Caller, findCaller } from "./keys.ts";
import { twoDecimals } from "./presentation.ts";
import { Problem } from "./problem.ts";
import type { Tier } from "./state.ts";
import type { Call, Tool } from "./tool.ts";
import { charge, walletOf } from "./wallets.ts";
import type { World } from "./world.ts";

/**
 * The order in which the gateway judges a call (greenhelix.md 1.2). The order is the contract: a request with a bad body has
 * already used up a rate-limit slot, and a missing tier hides that the body was bad as well.
 */
export interface Admission {
  fee: Money;
  headers: Record<string, string>;
}

const ranks: Record<Tier, number> = { free: 0, starter: 1, pro: 2, enterprise: 3 };

/** Everything judged before the body is looked at. `raw` is the unchecked input. */
export function admit(world: World, caller: Caller, tool: Tool, raw: Record<string, unknown>): Admission {
  checkScope(caller, tool);
  if (tool.isAdminOnly && !caller.isAdmin)
    throw new Problem(403, "admin-only", `Tool '${tool.name}' requires admin privileges`);
  checkTier(caller, tool);
  const headers = takeRate(world, caller);
  const fee = tool.fee?.(raw) ?? zero;
  if (!caller.isAdmin) {
    if (fee > zero) checkBalance(world, caller, fee);
    checkCaps(world, caller, fee, raw);
  }
  return { fee, headers };
}

export function checkTier(caller: Caller, tool: Tool): void {
  if (caller.isAdmin || ranks[caller.tier] >= ranks[tool.tier]) return;
  throw new Problem(403, "insufficient-tier", `Tier '${caller.tier}' cannot access '${tool.name}'`);
}

/** Counts the call and refuses with nothing that says when to come back: no Retry-After, no rate headers. */
export function takeRate(world: World, caller: Caller): Record<string, string> {
  if (caller.isAdmin) return {};
  const { isAllowed, limit, remaining, resetSec } = world.limiter.take(caller.agentId, caller.tier);
  if (!isAllowed) throw new Problem(429, "rate-limit-exceeded", `Rate limit exceeded: ${limit} per hour`);
  return {
    "X-RateLimit-Limit": `${limit}`,
    "X-RateLimit-Remaining": `${remaining}`,
    "X-RateLimit-Reset": `${resetSec}`,
  };
}

/** The caller's own agent must be named in every owned field that is there. */
export function checkOwnership(caller: Caller, tool: Tool, input: Record<string, unknown>): void {
  if (caller.isAdmin) return;
  const foreign = (tool.owned ?? []).some((field) => input[field] !== undefined && input[field] !== caller.agentId);
  if (foreign) throw new Problem(403, "forbidden", "Forbidden: you do not have access to this resource");
}

/** Runs the tool; an injected late effect sleeps inside it or, if it knows no inside, before it. */
export async function perform<Input>(world: World, tool: Tool<Input>, call: Call<Input>): Promise<unknown> {
  if (call.midwayMs !== undefined && !tool.sleepsMidway) await sleep(call.midwayMs);
  return tool.run(world, call);
}

/**
 * Takes the fee after the effect. If the balance left does not cover it the answer is 402 although the effect is there, and
 * an admin key whose own agent has no wallet gets 404 the same way.
 */
export function settleFee(
  world: World,
  caller: Caller,
  tool: Tool,
  fee: Money,
  usageKey: string | undefined,
): Record<string, string> {
  recordUsage(world, { agentId: caller.agentId, tool: tool.name, cost: fee }, usageKey);
  if (fee > zero) charge(world, caller.agentId, fee, `gateway:${tool.name}`);
  return { "X-Charged": twoDecimals(fee) };
}

/** Whom a request speaks for, as far as it can be told without refusing anything. */
export function peekAgent(world: World, token: string | undefined): string | undefined {
  return token === undefined ? undefined : findCaller(world, token)?.agentId;
}

function checkScope(caller: Caller, tool: Tool): void {
  if (caller.isAdmin || caller.scopes.includes(tool.scope)) return;
  throw new Problem(403, "scope-violation", `Key lacks the '${tool.scope}' scope`);
}

function checkBalance(world: World, caller: Caller, fee: Money): void {
  if (walletOf(world, caller.agentId).balance >= fee) return;
  throw new Problem(402, "insufficient-balance", "Insufficient balance for the fee of this call");
}

/** Looked at only if there is a fee or the body carries an amount, whatever that amount is for. */
function checkCaps(world: World, caller: Caller, fee: Money, raw: Record<string, unknown>): void {
  if (fee === zero && !raw.amount) return;
  if (exceedsCap(world, caller.agentId, fee)) throw new Problem(402, "budget-exceeded", "Budget cap exceeded");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
