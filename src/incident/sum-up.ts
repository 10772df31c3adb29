import { type AtRisk, atRiskOfAll } from "./at-risk.ts";
import { isUnattended } from "./escalation.ts";
import { isOver } from "./incident.ts";
import { formatMoney, zero } from "./money.ts";
import type { IncidentSummary } from "./summary.ts";
import { bleeds } from "./urgency.ts";

/** All that is open, in one look. */
export interface SumUp {
  /** In earnest; dry runs are counted apart. */
  open: number;
  /** Of these, no freeze holds yet, and money can go on running out. */
  bleeding: number;
  /** Of these, urgent, and nobody has it. */
  unattended: number;
  risk: AtRisk;
  /** In these nothing is done, so they hold nothing back. */
  dryRuns: { open: number; risk: AtRisk };
}

export function sumUp(incidents: readonly IncidentSummary[]): SumUp {
  const all = incidents.filter(({ status }) => !isOver(status));
  const [open, dry] = [all.filter(({ dryRun }) => !dryRun), all.filter(({ dryRun }) => dryRun)];
  return {
    open: open.length,
    bleeding: open.filter(bleeds).length,
    unattended: open.filter(isUnattended).length,
    risk: riskOf(open),
    dryRuns: { open: dry.length, risk: riskOf(dry) },
  };
}

/** Where nothing is open, nothing is at risk. */
function riskOf(incidents: readonly IncidentSummary[]): AtRisk {
  return incidents.length === 0 ? { atRisk: formatMoney(zero), isCounted: true } : atRiskOfAll(incidents);
}
