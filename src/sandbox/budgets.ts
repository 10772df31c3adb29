import { formatMoney, type Money, zero } from "../incident/money.ts";
import { asNumber } from "./presentation.ts";
import { append, type BudgetRow, type UsageRow } from "./state.ts";
import type { World } from "./world.ts";

/** Caps over what an agent paid in fees. Principal locked in escrows is no spend, and the windows roll instead of starting at midnight. */
const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
const uncapped: BudgetRow = { dailyCap: null, monthlyCap: null, alertThreshold: 0.8 };

export function budgetOf(world: World, agentId: string): BudgetRow {
  return world.state.budgets.get(agentId) ?? uncapped;
}

/** Replaces the whole row: whoever leaves out a cap removes it. */
export function setBudget(
  world: World,
  agentId: string,
  row: BudgetRow,
  by: { actor: string; idempotencyKey?: string | undefined },
): void {
  world.state.budgets.set(agentId, row);
  const caps = { daily: row.dailyCap, monthly: row.monthlyCap, alertThreshold: row.alertThreshold };
  world.effects.record("budget.set", { agentId, caps, ...by });
}

export interface Spend {
  daily: Money;
  monthly: Money;
}

export function spendOf(world: World, agentId: string): Spend {
  const nowMs = world.now();
  const rows = world.state.usage.get(agentId) ?? [];
  let daily = 0n;
  let monthly = 0n;
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const { atMs, cost } = rows[index]!;
    if (atMs < nowMs - MONTH_MS) break;
    monthly += cost;
    if (atMs >= nowMs - DAY_MS) daily += cost;
  }
  return { daily: daily as Money, monthly: monthly as Money };
}

/** Both caps are tried; zero binds here although the status below takes it for "no cap". */
export function exceedsCap(world: World, agentId: string, fee: Money): boolean {
  const { dailyCap, monthlyCap } = budgetOf(world, agentId);
  if (dailyCap === null && monthlyCap === null) return false;
  const spend = spendOf(world, agentId);
  return over(spend.daily + fee, dailyCap) || over(spend.monthly + fee, monthlyCap);
}

function over(spend: bigint, cap: Money | null): boolean {
  return cap !== null && spend > cap;
}

/** The flaw to know: a cap of zero is taken for none, so a frozen agent reads 0 % used and not exceeded. */
export function budgetStatus(world: World, agentId: string) {
  const row = budgetOf(world, agentId);
  const spend = spendOf(world, agentId);
  const windows = [share(spend.daily, row.dailyCap), share(spend.monthly, row.monthlyCap)] as const;
  return {
    agent_id: agentId,
    daily_spend: spend.daily,
    daily_cap: row.dailyCap,
    daily_pct: rounded((windows[0] ?? 0) * 100),
    monthly_spend: spend.monthly,
    monthly_cap: row.monthlyCap,
    monthly_pct: rounded((windows[1] ?? 0) * 100),
    alert_triggered: windows.some((used) => used !== undefined && used >= row.alertThreshold),
    cap_exceeded: reached(spend.daily, row.dailyCap) || reached(spend.monthly, row.monthlyCap),
  };
}

/** undefined for no cap and, wrongly but faithfully, for a cap of zero. */
export function share(spend: Money, cap: Money | null): number | undefined {
  return cap ? asNumber(spend) / asNumber(cap) : undefined;
}

function reached(spend: Money, cap: Money | null): boolean {
  return cap !== null && cap !== zero && spend >= cap;
}

export function rounded(percent: number): number {
  return Math.round(percent * 100) / 100;
}

/**
 * Counts a call as usage, once for each key over all agents and for ever: a caller that repeats a key is still charged but
 * its spend stands still. Announces a threshold the fee has just crossed.
 */
export function recordUsage(world: World, row: Omit<UsageRow, "atMs">, usageKey: string | undefined): void {
  if (usageKey !== undefined) {
    if (world.state.usageKeys.has(usageKey)) return;
    world.state.usageKeys.add(usageKey);
  }
  const before = spendOf(world, row.agentId);
  append(world.state.usage, row.agentId, { ...row, atMs: world.now() });
  if (row.cost > zero) announceCrossing(world, row.agentId, before);
}

function announceCrossing(world: World, agentId: string, before: Spend): void {
  const row = budgetOf(world, agentId);
  const after = spendOf(world, agentId);
  const thresholds = [row.alertThreshold * 100, 95, 100];
  for (const window of ["daily", "monthly"] as const) {
    const cap = window === "daily" ? row.dailyCap : row.monthlyCap;
    const was = (share(before[window], cap) ?? 0) * 100;
    const is = (share(after[window], cap) ?? 0) * 100;
    const crossed = thresholds.filter((pct) => was < pct && is >= pct);
    if (crossed.length === 0) continue;
    world.courier.announce("budget_threshold", agentId, {
      window,
      threshold_pct: rounded(Math.max(...crossed)),
      utilization_pct: rounded(is),
      [`${window}_limit`]: formatMoney(cap ?? zero),
      [`${window}_spent`]: formatMoney(after[window]),
    });
  }
}
