import { type AtRisk, atRiskOf } from "../incident/at-risk.ts";
import type { IncidentView } from "../incident/incident.ts";
import { money, zero } from "../incident/money.ts";

/** "46800.00", "at least 900.00: ...", "not counted yet": never a zero that nobody counted. */
export function riskText({ atRisk, isCounted }: AtRisk): string {
  if (isCounted) return atRisk ?? "0.00";
  return atRisk === null ? "not counted yet" : `at least ${atRisk}: not all escrows are counted yet`;
}

/** For one column of a table. */
export function lockedText(incident: IncidentView): string {
  const { locked } = incident.dollars;
  if (atRiskOf(incident).isCounted) return locked;
  return money(locked) === zero ? "not counted" : `${locked} or more`;
}
