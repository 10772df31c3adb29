import { money } from "./money.ts";
import { dollars } from "./plain-words.ts";

/** What stand-down and recovery give back (recover/caps-to-give-back.ts), as far as words need it. */
export interface CapsTold {
  before: { daily: string | null; monthly: string | null } | null;
  month: "known" | "settings" | "reckoned" | "unknown";
  source: "last-seen" | "gateway" | "configured" | "said" | "month-said" | "unknown" | null;
  seenAt: string | null;
}

/** "$1,000.00 a day and no cap a month"; null: nobody saw them. */
export function capsInWords({ before, month }: Pick<CapsTold, "before" | "month">): string | null {
  if (before === null) return null;
  if (month === "unknown") return `${cap(before.daily)} a day, and what a month nobody knows`;
  const both = `${cap(before.daily)} a day and ${cap(before.monthly)} a month`;
  if (month === "known") return both;
  const from = month === "settings" ? "as the settings say" : "30 times the day's";
  return `${both} (${from}, since the gateway does not show it)`;
}

/** Whose word it is that they were so, and whether it is a fact. when: a time as its reader wants it. */
export function sourceInWords({ source, seenAt }: CapsTold, when: (iso: string) => string): string {
  if (source === "gateway") return "as the gateway showed them before the freeze";
  if (source === "said") return "as a person said them";
  if (source === "month-said") return "the month's as a person said it";
  if (source === "configured") return "as the settings say them, not confirmed by the gateway";
  return `as last seen${seenAt === null ? "" : ` ${when(seenAt)}`}, not confirmed: they may have been others since`;
}

const cap = (amount: string | null): string => (amount === null ? "no cap" : dollars(money(amount)));
