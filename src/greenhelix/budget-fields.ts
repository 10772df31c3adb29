import { z } from "zod";
import type { Budget, BudgetCaps } from "../incident/gateway.ts";
import { formatMoney, type Money } from "../incident/money.ts";
import { amount, cap, named, number, readAs, record } from "./fields.ts";

const dailyCapNames = ["daily_cap", "daily", "daily_limit"] as const;
const monthlyCapNames = ["monthly_cap", "monthly", "monthly_limit"] as const;

/** The gateway's own default, which a write without a threshold would bring back silently. */
const DEFAULT_ALERT_THRESHOLD = 0.8;

const capsShape = z.object({
  dailyCap: cap,
  monthlyCap: cap.optional(),
  alertThreshold: number.optional().catch(undefined),
});

const spendShape = z.object({
  dailySpend: amount.optional().catch(undefined),
  monthlySpend: amount.optional().catch(undefined),
  utilization: number.optional().catch(undefined),
  dailyPct: number.catch(0),
  monthlyPct: number.catch(0),
});

/** A missing daily cap is unreadable: taken for uncapped it would be restored as uncapped, taken for 0 it would prove a freeze. */
export function readBudget(agentId: string, body: unknown): Budget {
  const row = readAs(record, body, "budget");
  const spend = readAs(
    spendShape,
    {
      dailySpend: named(row, "daily_spend", "daily_spent"),
      monthlySpend: named(row, "monthly_spend", "monthly_spent"),
      utilization: named(row, "utilization_pct"),
      dailyPct: row.daily_pct,
      monthlyPct: row.monthly_pct,
    },
    "budget",
  );
  return {
    agentId,
    ...readCaps(row),
    dailySpend: spend.dailySpend,
    monthlySpend: spend.monthlySpend,
    utilizationPct: spend.utilization ?? Math.max(spend.dailyPct, spend.monthlyPct),
  };
}

/** What a budget write says it set; what was sent, where the answer does not repeat it. */
export function readCapsEcho(body: unknown, sent: BudgetCaps): BudgetCaps {
  const row = record.safeParse(body).data;
  return row && named(row, ...dailyCapNames) !== undefined ? { ...sent, ...dropUndefined(readCaps(row)) } : sent;
}

function readCaps(row: Record<string, unknown>): BudgetCaps {
  const caps = readAs(
    capsShape,
    {
      dailyCap: named(row, ...dailyCapNames),
      monthlyCap: named(row, ...monthlyCapNames),
      alertThreshold: row.alert_threshold,
    },
    "budget",
  );
  return { dailyCap: caps.dailyCap, monthlyCap: caps.monthlyCap, alertThreshold: caps.alertThreshold };
}

function dropUndefined(caps: BudgetCaps): Partial<BudgetCaps> {
  return Object.fromEntries(Object.entries(caps).filter(([, value]) => value !== undefined));
}

/**
 * What goes out in a budget write, always all three: the gateway replaces the row, and what is missing becomes uncapped.
 * A monthly cap we were never shown (undefined) goes out as null, since missing and null come to the same there.
 */
export function sentCaps(caps: BudgetCaps): { daily: string | null; monthly: string | null; alertThreshold: number } {
  return {
    daily: decimal(caps.dailyCap),
    monthly: decimal(caps.monthlyCap ?? null),
    alertThreshold: caps.alertThreshold ?? DEFAULT_ALERT_THRESHOLD,
  };
}

function decimal(value: Money | null): string | null {
  return value === null ? null : formatMoney(value);
}

export function readFrozen(body: unknown): { frozen: boolean } {
  const { frozen } = readAs(record, body, "freeze_wallet");
  return { frozen: typeof frozen === "boolean" ? frozen : true };
}
