import { dollars } from "../../incident/plain-words.ts";
import { RELAPSE } from "../../incident/relapse.ts";
import type { Why } from "../../incident/signal.ts";
import { sentence } from "./in-words.ts";

/** The rule's own sentence, with its amounts as dollars: those are the decimal strings among what it names. */
export function sentenceOf({ rule, sentence: said, observed, thresholds, baseline }: Why): string {
  // What it says of caps or of another signal, it does not name beside it.
  if (rule === RELAPSE) return withDollars(sentence(said));
  const amounts = Object.values({ ...thresholds, ...baseline, ...observed }).filter(isAmount);
  const parts = sentence(said).split(/(?<![\d.,$-])(\d+\.\d{2,8})(?![\d.])/);
  return parts.map((part) => (amounts.includes(part) ? dollars(part) : part)).join("");
}

/** Each decimal with cents, as dollars. */
export function withDollars(text: string): string {
  return text.replace(/(?<![\w.,$-])\d{1,15}\.\d{2,8}(?![\w.])/g, (amount) => dollars(amount));
}

export const isAmount = (value: unknown): value is string =>
  typeof value === "string" && /^\d{1,15}\.\d{2,8}$/.test(value);
