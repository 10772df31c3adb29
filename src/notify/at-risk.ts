import { atRiskOf } from "../incident/at-risk.ts";
import type { IncidentView } from "../incident/incident.ts";
import { formatMoney, type Money, money, zero } from "../incident/money.ts";
import type { Signal } from "../incident/signal.ts";
import { perMinute, SHORTEST_TREND_MS } from "../incident/trend.ts";

/**
 * Money at risk in the gateway's own unit, as everywhere: what is held now, and how fast it was going (N3). The rate counts over
 * at least a minute, as that of the post-mortem does; what went within less is said beside it.
 */
export function atRisk(incident: IncidentView): string {
  const { signals, effectiveAt } = incident;
  const fastest = signals.map(burnOf).reduce((most, one) => (one.rate > most.rate ? one : most), noBurn);
  const rate = fastest.rate === zero ? "" : `, ${effectiveAt === null ? "" : "was "}${rateText(fastest)}`;
  return `At risk: ${heldText(incident)}${rate}`;
}

/** Nobody is told a zero that was not counted. */
function heldText(incident: IncidentView): string {
  const { atRisk, isCounted } = atRiskOf(incident);
  if (isCounted) return `${atRisk} held`;
  return atRisk === null ? "not counted yet" : `at least ${atRisk}, not all counted yet`;
}

function rateText({ rate, total, lastedMs }: Burn): string {
  const seconds = Math.max(1, Math.ceil(lastedMs / 1_000));
  const over =
    lastedMs < SHORTEST_TREND_MS
      ? ` (${formatMoney(total)} within ${seconds} s, counted over a whole minute)`
      : ` over ${seconds} s`;
  return `+${formatMoney(rate)}/min${over}`;
}

/** What went in how long a time, as the rule saw it. */
interface Burn {
  rate: Money;
  total: Money;
  lastedMs: number;
}
const noBurn: Burn = { rate: zero, total: zero, lastedMs: 0 };

/** Zero where it measured no money over time. */
function burnOf({ why: { observed, thresholds } }: Signal): Burn {
  const lastedMs = spanOf(observed.seconds, thresholds);
  if (lastedMs === null || typeof observed.total !== "string") return noBurn;
  const total = money(observed.total);
  return { rate: perMinute(total, lastedMs), total, lastedMs };
}

/** Null: not measured. */
function spanOf(seconds: unknown, { intervalMs, limitPerMinute }: Signal["why"]["thresholds"]): number | null {
  if (typeof seconds === "number") return Math.round(seconds * 1_000);
  if (typeof intervalMs === "number") return intervalMs;
  return limitPerMinute === undefined ? null : SHORTEST_TREND_MS;
}
