/**
 * Which threshold an incident moves, by the rule that opened it and the severity it was concluded with (F6). Lower is always
 * tighter. The first is the mission's own: sigmas from 2.0 to 1.5. Bounds: never below what makes the agent's ordinary
 * business an alarm, never above what lets a night like the one at 2:47 go on.
 */
export interface Tunable {
  rule: string;
  severity: "warning" | "critical" | "any";
  path: string;
  step: number;
  least: number;
  most: number;
}

export const tunables: readonly Tunable[] = [
  { rule: "cost-anomaly", severity: "any", path: "costAnomaly.sigmas", step: 0.5, least: 1, most: 4 },
  { rule: "identical-escrows", severity: "any", path: "escrowBurst.identicalCount", step: 2, least: 4, most: 32 },
  {
    rule: "principal-burst",
    severity: "any",
    path: "escrowBurst.principalPerMinuteFactor",
    step: 1,
    least: 2,
    most: 10,
  },
  { rule: "payee-concentration", severity: "any", path: "payeeConcentration.count", step: 2, least: 4, most: 40 },
  { rule: "cancellation-rate", severity: "any", path: "cancellationRate.share", step: 0.1, least: 0.2, most: 0.9 },
  { rule: "budget-threshold", severity: "critical", path: "budgetExhaustionPct", step: 2.5, least: 85, most: 99 },
  { rule: "budget-threshold", severity: "warning", path: "budgetWarningPct", step: 5, least: 60, most: 94 },
  {
    rule: "reputation-change",
    severity: "critical",
    path: "reputation.criticalDelta",
    step: 0.05,
    least: 0.2,
    most: 0.5,
  },
  {
    rule: "reputation-change",
    severity: "warning",
    path: "reputation.warningDelta",
    step: 0.05,
    least: 0.05,
    most: 0.4,
  },
  { rule: "reputation-drop", severity: "critical", path: "reputation.criticalDropPct", step: 5, least: 20, most: 60 },
  { rule: "reputation-drop", severity: "warning", path: "reputation.warningDropPct", step: 5, least: 5, most: 50 },
  { rule: "tool-call-burst", severity: "any", path: "toolCallBurst.factor", step: 0.5, least: 1.5, most: 8 },
  { rule: "error-spike", severity: "any", path: "errorSpike.count", step: 5, least: 5, most: 100 },
  {
    rule: "data-exfiltration",
    severity: "any",
    path: "dataExfiltration.bodyBytes",
    step: 2_500,
    least: 2_500,
    most: 100_000,
  },
];

/** The next value in that direction, within the bounds; null where there is none: it stands at its bound, or beyond. */
export function nextValue(
  { step, least, most }: Pick<Tunable, "step" | "least" | "most">,
  from: number,
  direction: "tighter" | "looser",
): number | null {
  const moved = Number((direction === "tighter" ? from - step : from + step).toFixed(4));
  const to = Math.min(most, Math.max(least, moved));
  return (direction === "tighter" ? to < from : to > from) ? to : null;
}
