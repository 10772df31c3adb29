import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { AMOUNT, formatMoney, type Money, money } from "../incident/money.ts";
import type { TwoCaps } from "../runbooks/caps-to-restore.ts";

/** As a person says them: decimal strings, "none" for uncapped. */
export interface SaidCaps {
  daily: string;
  monthly: string;
}

/** What every order that names caps takes, over HTTP as on the command line. */
export const saidCap = z
  .string()
  .refine((said) => said === "none" || AMOUNT.test(said), 'must be an amount such as 500.00, or "none"')
  .meta({ description: 'an amount, or "none"', example: "500.00" });

export const saidCaps = z.strictObject(
  { daily: saidCap, monthly: saidCap },
  'must be {"daily","monthly"}, amounts or "none"',
);

/** Throws input-invalid, naming which of the two is no amount: of an order that came by no schema. */
export function readCaps(caps: SaidCaps): TwoCaps {
  const read = saidCaps.safeParse(caps);
  if (!read.success) {
    const named = read.error.issues.map(({ path, message }) => `${path.join(" ") || "caps"} ${message}`).join("; ");
    throw new TourniquetError("input-invalid", `The caps from before must be said: ${named}.`);
  }
  return { dailyCap: capOf(read.data.daily), monthlyCap: capOf(read.data.monthly) };
}

const capOf = (text: string): Money | null => (text === "none" ? null : money(text));

/** As a recovery keeps them. */
export interface KeptCaps {
  daily: string | null;
  monthly: string | null;
}

export const keptCaps = ({ dailyCap, monthlyCap }: TwoCaps): KeptCaps => ({
  daily: text(dailyCap),
  monthly: text(monthlyCap),
});
export const capsKept = ({ daily, monthly }: KeptCaps): TwoCaps => ({
  dailyCap: daily === null ? null : money(daily),
  monthlyCap: monthly === null ? null : money(monthly),
});
const text = (cap: Money | null): string | null => (cap === null ? null : formatMoney(cap));

export const isUncapped = ({ dailyCap, monthlyCap }: TwoCaps): boolean => dailyCap === null && monthlyCap === null;
export const isSame = (one: TwoCaps, other: TwoCaps): boolean =>
  one.dailyCap === other.dailyCap && one.monthlyCap === other.monthlyCap;
/** "daily 500.00, monthly none", for a sentence. */
export const capsText = ({ dailyCap, monthlyCap }: TwoCaps): string =>
  `daily ${text(dailyCap) ?? "none"}, monthly ${text(monthlyCap) ?? "none"}`;
