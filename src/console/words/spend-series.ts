import { addMoney, formatMoney, type Money, parseMoney, zero } from "../../incident/money.ts";
import type { SpendBaseline, SpendLimit, SpendPoint, SpendSeries } from "../../incident/spend.ts";

/** What was spent within the window that ended at `at`. Time in milliseconds since 1970, amount a decimal string. */
export interface Level {
  at: number;
  amount: string;
}

/** What the plot draws. Lines are in money per window, so that all of them can be compared. */
export interface SpendPlotData {
  /** Over how long each level sums: that of the line that was crossed, so that both mean the same. */
  windowMs: number;
  levels: readonly Level[];
  usual: string | null;
  lines: readonly { what: SpendLimit["what"]; amount: string }[];
  /** The highest level before the freeze. */
  peak: Level | null;
  /** The part of the time that is about the trouble, milliseconds since 1970; the rest is the hour before and the way back. */
  trouble: readonly [from: number, until: number];
}

const MINUTE_MS = 60_000;
/** How much of what came before the trouble is shown with it. */
const NEAR_WINDOWS = 10;

/**
 * Spend as the rules see it: summed over a moving window, up one step with each payment and down when it leaves the window. Counted
 * anew from the freeze on: what was spent before would look, for a whole window, as if it went on.
 */
export function spendPlot({ points, baseline, limits, from, until, effectiveAt, rungs }: SpendSeries): SpendPlotData {
  const critical = limits.find(({ what }) => what === "critical") ?? limits[0];
  const windowMs = critical?.perMs ?? baseline?.perMs ?? MINUTE_MS;
  const frozenAt = effectiveAt === null ? Number.POSITIVE_INFINITY : Date.parse(effectiveAt);
  const levels = levelsOf(points, windowMs, { from: Date.parse(from), until: Date.parse(until), frozenAt });
  const freeFrom = rungs[0] ? Date.parse(rungs[0].at) : Number.POSITIVE_INFINITY;
  const before = levels.filter(({ at }) => at <= frozenAt);
  return {
    windowMs,
    levels,
    usual: baseline && perWindow(baseline, windowMs),
    lines: linesOf(limits, windowMs),
    trouble: troubleIn(points, windowMs, { from: Date.parse(from), until: Date.parse(until), frozenAt, freeFrom }),
    peak: before.reduce<Level | null>(
      (best, one) => (best && units(best.amount) >= units(one.amount) ? best : one),
      null,
    ),
  };
}

interface Bounds {
  from: number;
  until: number;
  /** Infinity: it is not frozen. */
  frozenAt: number;
}

/** From a little before the payments of the trouble until what was spent last has left the window. */
function troubleIn(
  points: readonly SpendPoint[],
  windowMs: number,
  { from, until, frozenAt, freeFrom }: Bounds & { freeFrom: number },
): [number, number] {
  const times = points.map((point) => paidAtOf(point, frozenAt));
  const end = Number.isFinite(frozenAt) ? frozenAt : (times.at(-1) ?? until);
  const near = times.filter((at) => at >= end - NEAR_WINDOWS * windowMs);
  const start = Math.min(near[0] ?? end, end) - windowMs / 2;
  // What slipped past the freeze belongs to it; what is spent on the way back does not.
  const slipped = times.findLast((at) => at > end && at < freeFrom) ?? end;
  return [Math.max(from, start), Math.min(until, Math.max(end + windowMs, slipped + windowMs / 2))];
}

/**
 * A bundle of payments counts from its end. One that began before the freeze counts as before it, as the sum of what was spent after
 * it has it (learn/spend.ts): picture and words are of the same numbers.
 */
function paidAtOf({ at, spanMs }: SpendPoint, frozenAt: number): number {
  const from = Date.parse(at);
  return from <= frozenAt ? Math.min(from + spanMs, frozenAt) : from + spanMs;
}

/** Whether the freeze fell into a time of which only the sum is kept: what of it came after is not known. */
export function isFreezeWithinSum({ points, effectiveAt }: Pick<SpendSeries, "points" | "effectiveAt">): boolean {
  if (effectiveAt === null) return false;
  const frozenAt = Date.parse(effectiveAt);
  return points.some(({ at, spanMs }) => Date.parse(at) <= frozenAt && Date.parse(at) + spanMs > frozenAt);
}

/** At each payment, and when it has been in the window for its time. */
function levelsOf(points: readonly SpendPoint[], windowMs: number, { from, until, frozenAt }: Bounds): Level[] {
  const moves = points.flatMap((point) => {
    const paidAt = paidAtOf(point, frozenAt);
    const paid = units(point.amount);
    return [
      { at: paidAt, by: paid },
      { at: paidAt <= frozenAt ? Math.min(paidAt + windowMs, frozenAt + 1) : paidAt + windowMs, by: -paid as Money },
    ];
  });
  moves.sort((a, b) => a.at - b.at);
  const levels: Level[] = [{ at: from, amount: formatMoney(zero) }];
  let sum = zero;
  for (const { at, by } of moves) {
    if (at > until) break;
    sum = addMoney(sum, by);
    if (levels.at(-1)?.at === at) levels.pop();
    levels.push({ at, amount: formatMoney(sum) });
  }
  if (levels.at(-1)!.at < until) levels.push({ at: until, amount: formatMoney(sum) });
  return levels;
}

/** Of each kind of line the lowest: it is the one that is crossed first. */
function linesOf(limits: readonly SpendLimit[], windowMs: number): SpendPlotData["lines"] {
  return (["critical", "warning"] as const).flatMap((what) => {
    const amounts = limits.filter((limit) => limit.what === what).map((limit) => units(perWindow(limit, windowMs)));
    return amounts.length === 0 ? [] : [{ what, amount: formatMoney(amounts.reduce((a, b) => (a < b ? a : b))) }];
  });
}

function perWindow({ amount, perMs }: Pick<SpendBaseline, "amount" | "perMs">, windowMs: number): string {
  return formatMoney(((units(amount) * BigInt(windowMs)) / BigInt(Math.max(1, perMs))) as Money);
}

const units = (amount: string): Money => parseMoney(amount) ?? zero;
