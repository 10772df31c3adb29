import type { IncidentView } from "../incident/incident.ts";
import { formatMoney, type Money, money, zero } from "../incident/money.ts";
import type { Signal } from "../incident/signal.ts";

const MINUTE_MS = 60_000;
/** A rate to the hundredth is enough for anybody. */
const HUNDREDTH = money("0.01");

/** Money at risk in the gateway's own unit, as everywhere: what is held now, and how fast it was going (N3). */
export function atRisk({ dollars, signals, effectiveAt }: IncidentView): string {
  const held = money(dollars.locked) - money(dollars.recovered) - money(dollars.lost);
  const { perMinute, lastedMs } = signals
    .map(burnOf)
    .reduce((most, one) => (one.perMinute > most.perMinute ? one : most), noBurn);
  const was = effectiveAt === null ? "" : "was ";
  const rate = perMinute === zero ? "" : `, ${was}+${formatMoney(perMinute)}/min over ${Math.ceil(lastedMs / 1_000)} s`;
  return `At risk: ${formatMoney(held as Money)} held${rate}`;
}

/** How fast it went, and for how long that was seen. */
interface Burn {
  perMinute: Money;
  lastedMs: number;
}
const noBurn: Burn = { perMinute: zero, lastedMs: 0 };

/** As the rule saw it; zero where it measured no money over time. */
function burnOf({ why: { observed, thresholds } }: Signal): Burn {
  const total = typeof observed.total === "string" ? money(observed.total) : zero;
  const lastedMs = spanOf(observed.seconds, thresholds);
  if (lastedMs <= 0) return noBurn;
  return { perMinute: (((total * BigInt(MINUTE_MS)) / BigInt(lastedMs) / HUNDREDTH) * HUNDREDTH) as Money, lastedMs };
}

function spanOf(seconds: unknown, { intervalMs, limitPerMinute }: Signal["why"]["thresholds"]): number {
  if (typeof seconds === "number") return Math.round(seconds * 1_000);
  if (typeof intervalMs === "number") return intervalMs;
  return limitPerMinute === undefined ? 0 : MINUTE_MS;
}
