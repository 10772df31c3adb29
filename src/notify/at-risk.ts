import type { IncidentView } from "../incident/incident.ts";
import { formatMoney, type Money, money, zero } from "../incident/money.ts";
import type { Signal } from "../incident/signal.ts";

const MINUTE_MS = 60_000;
/** A rate to the hundredth is enough for anybody. */
const HUNDREDTH = money("0.01");

/** Money at risk in the gateway's own unit, as everywhere: what is held now, and how fast it was going (N3). */
export function atRisk({ dollars, signals, effectiveAt }: IncidentView): string {
  const held = money(dollars.locked) - money(dollars.recovered) - money(dollars.lost);
  const burn = signals.map(burnOf).reduce<Money>((most, one) => (one > most ? one : most), zero);
  const rate = burn === zero ? "" : `, ${effectiveAt === null ? "" : "was "}+${formatMoney(burn)}/min`;
  return `At risk: ${formatMoney(held as Money)} held${rate}`;
}

/** Per minute, as the rule saw it; zero where it measured no money over time. */
function burnOf({ why: { observed, thresholds } }: Signal): Money {
  const total = typeof observed.total === "string" ? money(observed.total) : zero;
  const lastedMs = spanOf(observed.seconds, thresholds);
  if (lastedMs <= 0) return zero;
  return (((total * BigInt(MINUTE_MS)) / BigInt(lastedMs) / HUNDREDTH) * HUNDREDTH) as Money;
}

function spanOf(seconds: unknown, { intervalMs, limitPerMinute }: Signal["why"]["thresholds"]): number {
  if (typeof seconds === "number") return Math.round(seconds * 1_000);
  if (typeof intervalMs === "number") return intervalMs;
  return limitPerMinute === undefined ? 0 : MINUTE_MS;
}
