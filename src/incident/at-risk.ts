import { type Dollars, type Incident, isOver } from "./incident.ts";
import { addMoney, formatMoney, type Money, money, zero } from "./money.ts";
import type { Signal } from "./signal.ts";

/** What may still be saved. A zero is said only where somebody counted. */
export interface AtRisk {
  /** Decimal string; where isCounted is false at least so much, and never zero. null: nothing is known yet, which is not nothing. */
  atRisk: string | null;
  /** All of the agent's escrows were read, and it cannot open more that nobody has seen. */
  isCounted: boolean;
}

type Counted = Pick<Incident, "status" | "dryRun" | "effectiveAt" | "escrowsCountedAt"> & {
  dollars: Dollars;
  signals: readonly Signal[];
};

/** What its escrows hold; before they were read what the alarm itself had seen go. */
export function atRiskOf(incident: Counted): AtRisk {
  const { locked, recovered, lost } = incident.dollars;
  const left = money(locked) - money(recovered) - money(lost);
  const held = (left < 0n ? zero : left) as Money;
  const isCounted = incident.escrowsCountedAt !== null && !canGoOn(incident);
  if (isCounted) return { atRisk: formatMoney(held), isCounted };
  const seen = isOver(incident.status) ? zero : most(incident.signals.map(seenToGo));
  const known = most([held, seen]);
  return { atRisk: known === zero ? null : formatMoney(known), isCounted };
}

/** Of several, say of a cascade. */
export function atRiskOfAll(incidents: readonly Counted[]): AtRisk {
  const each = incidents.map(atRiskOf);
  const known = addMoney(...each.flatMap(({ atRisk }) => (atRisk === null ? [] : [money(atRisk)])));
  const isCounted = each.length > 0 && each.every((one) => one.isCounted);
  return { atRisk: known === zero && !isCounted ? null : formatMoney(known), isCounted };
}

/** As API and console have it: what was seen of its money, and what that says about the rest. */
export function presentDollars(incident: Counted): Dollars & AtRisk {
  return { ...incident.dollars, ...atRiskOf(incident) };
}

/** What was counted before may be less than what is there now. */
function canGoOn({ status, dryRun, effectiveAt }: Counted): boolean {
  return !dryRun && effectiveAt === null && (status === "detected" || status === "containing");
}

/** Decimal strings of a rule that added up money; the others saw none. */
function seenToGo({ why: { observed } }: Signal): Money {
  return typeof observed.total === "string" ? money(observed.total) : zero;
}

const most = (amounts: readonly Money[]): Money => amounts.reduce((a, b) => (b > a ? b : a), zero);
