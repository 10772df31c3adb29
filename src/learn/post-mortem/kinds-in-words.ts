import { RELAPSE, relapseOf } from "../../incident/relapse.ts";
import type { Signal, SignalKind, Why } from "../../incident/signal.ts";
import { dollars, sentence } from "./in-words.ts";

/** What an agent did, by the kind of signal: the title of a post-mortem. */
const deeds: Readonly<Record<SignalKind, string>> = {
  "budget-exhaustion": "used up its budget",
  "budget-warning": "came close to the end of its budget",
  "reputation-drift": "lost reputation",
  "cost-anomaly": "spent far more than it usually does",
  "escrow-burst": "opened one escrow after another",
  "payee-concentration": "paid the same payee again and again",
  "cancellation-rate": "had most of its escrows cancelled",
  "identity-compromise": "may not be who it says it is",
  "shared-resource-exhausted": "failed because a shared wallet ran empty",
  "tool-call-burst": "called its tools far more often than usual",
  "suspicious-tool-sequence": "used its tools in a suspicious order",
  "data-exfiltration": "sent out a large amount of data",
  "error-spike": "ran into one error after another",
  "detection-failure": "could not be watched",
  "fleet-shutdown": "was frozen together with the whole fleet",
};

export function deedOf(signal: Pick<Signal, "kind" | "why"> | undefined): string {
  const relapse = signal && relapseOf(signal);
  if (relapse) return relapse.isCapsRaised ? "had its caps raised while it recovered" : "fell back while it recovered";
  return signal ? deeds[signal.kind] : "was contained";
}

/** The rule's own sentence, with its amounts as dollars: those are the decimal strings among what it names. */
export function sentenceOf({ rule, sentence: said, observed, thresholds, baseline }: Why): string {
  // What it says of caps or of another signal, it does not name beside it.
  if (rule === RELAPSE) return withDollars(sentence(said));
  const amounts = Object.values({ ...thresholds, ...baseline, ...observed }).filter(isAmount);
  const parts = sentence(said).split(/(?<![\d.$-])(\d+\.\d{2,8})(?![\d.])/);
  return parts.map((part) => (amounts.includes(part) ? dollars(part) : part)).join("");
}

/** Each decimal with cents, as dollars. */
export function withDollars(text: string): string {
  return text.replace(/(?<![\w.$-])\d{1,15}\.\d{2,8}(?![\w.])/g, (amount) => dollars(amount));
}

export const isAmount = (value: unknown): value is string =>
  typeof value === "string" && /^\d{1,15}\.\d{2,8}$/.test(value);
