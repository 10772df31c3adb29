import { TourniquetError } from "../errors.ts";
import type { BudgetCaps } from "../incident/gateway.ts";
import { formatMoney, type Money, parseMoney } from "../incident/money.ts";

/** As a person says them: decimal strings, "none" for uncapped. */
export interface SaidCaps {
  daily: string;
  monthly: string;
}

/** Throws input-invalid, naming which of the two is no amount. */
export function readCaps(caps: SaidCaps): BudgetCaps & { monthlyCap: Money | null } {
  return {
    dailyCap: readCap("daily", caps.daily),
    monthlyCap: readCap("monthly", caps.monthly),
    alertThreshold: undefined,
  };
}

function readCap(name: string, text: string): Money | null {
  if (text === "none") return null;
  const amount = parseMoney(text);
  if (amount === undefined || amount < 0n)
    throw new TourniquetError("input-invalid", `The ${name} cap must be an amount such as 500.00, or "none".`);
  return amount;
}

export const capText = (cap: Money | null): string | null => (cap === null ? null : formatMoney(cap));
