import type { BudgetCaps } from "../incident/gateway.ts";
import { centsOf, formatMoney, isSameCap, type Money, money } from "../incident/money.ts";
import type { KeptRecovery, Rung } from "../incident/recovery.ts";
import type { TwoCaps } from "../runbooks/caps-to-restore.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import type { RecoverySettings } from "../settings/people.ts";

export interface RampOf {
  /** What containment did to the budget. */
  budget: Runbook["budget"];
  /** From before the incident. */
  before: TwoCaps;
  /** What RB4 left of the daily cap; null where it left it alone. */
  halvedTo: Money | null;
  /** Named by the person where both from before are none. */
  named: TwoCaps | null;
  rungs: RecoverySettings["rungs"];
}

/** Whether a person must name the caps that percents below 100 are shares of: there are none of nothing. */
export function needsNamedCaps({ budget, before, rungs }: Pick<RampOf, "budget" | "before" | "rungs">): boolean {
  const isUncapped = before.dailyCap === null && before.monthlyCap === null;
  return budget === "freeze" && isUncapped && rungs.some(({ percent }) => percent < 100);
}

/**
 * The amounts of every rung, computed once (G11): whole cents of the caps from before, rounded down, which the rung of 100 percent restores exactly. A
 * cap that was none stays none where the other one is an amount. What only halved the day's cap gives back the day's alone, and its
 * first rung is never above what was left. Null where nothing was taken: nothing is to be raised.
 */
export function rampOf(given: RampOf): readonly Rung[] | null {
  const { budget, before, halvedTo, rungs } = given;
  if (budget === "leave" || (budget === "halve" && (before.dailyCap === null || halvedTo === null))) return null;
  return rungs.map((rung, index) => {
    const { dailyCap, monthlyCap } = capsOf(given, rung.percent);
    const isFirstOfHalved =
      budget === "halve" && index === 0 && rung.percent < 100 && dailyCap !== null && halvedTo !== null;
    const daily = isFirstOfHalved && halvedTo < dailyCap ? halvedTo : dailyCap;
    return { ...rung, dailyCap: text(daily), monthlyCap: text(budget === "halve" ? before.monthlyCap : monthlyCap) };
  });
}

function capsOf({ before, named }: RampOf, percent: number): TwoCaps {
  if (percent >= 100) return before;
  const isUncapped = before.dailyCap === null && before.monthlyCap === null;
  const whole = isUncapped && named ? named : before;
  const share = (cap: Money | null) => (cap === null ? null : centsOf(cap, percent));
  return { dailyCap: share(whole.dailyCap), monthlyCap: share(whole.monthlyCap) };
}

/** Where nothing is raised the agent has all it had at once, and is only watched. */
export function untouched({ dailyCap, monthlyCap }: TwoCaps): readonly Rung[] {
  return [{ afterMs: 0, percent: 100, dailyCap: text(dailyCap), monthlyCap: text(monthlyCap) }];
}

/**
 * How the caps found compare with a rung's: above in any of the two is above. A monthly cap that is not shown is believed,
 * and less than a cent is no difference: a gateway may round what it shows.
 */
export function compareCaps(
  found: Pick<BudgetCaps, "dailyCap" | "monthlyCap">,
  rung: Pick<Rung, "dailyCap" | "monthlyCap">,
): "above" | "below" | "equal" {
  const day = compare(found.dailyCap, capIn(rung.dailyCap));
  const month = found.monthlyCap === undefined ? "equal" : compare(found.monthlyCap, capIn(rung.monthlyCap));
  const both = [day, month] as const;
  return both.find((one) => one === "above") ?? both.find((one) => one === "below") ?? "equal";
}

/** null is uncapped: more than any amount. */
function compare(is: Money | null, should: Money | null): "above" | "below" | "equal" {
  if (isSameCap(is, should)) return "equal";
  if (is === null) return "above";
  return should === null || is < should ? "below" : "above";
}

/** As it is written down: uncapped, zero and not shown stay three things. */
export const shownCap = (cap: Money | null | undefined): string | null => (cap === undefined ? "not shown" : text(cap));
const text = (cap: Money | null): string | null => (cap === null ? null : formatMoney(cap));
export const capIn = (cap: string | null): Money | null => (cap === null ? null : money(cap));

/** When the rung after this one is due, and when it is all over, where this one stands from `at` on (R2). */
export function timesFrom(
  { rungs, normalAfterMs }: Pick<KeptRecovery, "rungs" | "normalAfterMs">,
  rung: number,
  at: number,
): { rungAt: number; dueAt: number | null; normalAt: number } {
  const afterMs = rungs[rung]!.afterMs;
  const next = rungs[rung + 1];
  return { rungAt: at, dueAt: next ? at + next.afterMs - afterMs : null, normalAt: at + normalAfterMs - afterMs };
}
