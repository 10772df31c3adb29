import type { AtRisk } from "../../incident/at-risk.ts";
import type { Priority } from "../../incident/incident.ts";
import { sumMoney } from "./money.ts";
import { isOpen, type Stands, standingOf } from "./standing.ts";

interface Listed extends Stands {
  id: string;
  cascadeId: string | null;
  openedAt: string;
  dollars: AtRisk;
  isUnattended: boolean;
}

/** Open first, those by priority; then the newest. */
export function byUrgency<I extends Listed>(incidents: readonly I[]): I[] {
  const rank = (incident: I): number => (isOpen(incident) ? priorityRank[incident.priority] : 9);
  return [...incidents].sort((a, b) => rank(a) - rank(b) || b.openedAt.localeCompare(a.openedAt));
}
const priorityRank: Readonly<Record<Priority, number>> = { P0: 0, P1: 1, P2: 2, P3: 3 };

/** Of a list in its order: open incidents of one cascade stand together, where the most urgent of them stood. */
export function groupCascades<I extends Listed>(incidents: readonly I[]): { cascadeId: string | null; members: I[] }[] {
  const groups: { cascadeId: string | null; members: I[] }[] = [];
  for (const incident of incidents) {
    const cascadeId = isOpen(incident) ? incident.cascadeId : null;
    const known = cascadeId === null ? undefined : groups.find((group) => group.cascadeId === cascadeId);
    if (known) known.members.push(incident);
    else groups.push({ cascadeId, members: [incident] });
  }
  return groups;
}

/** What several have at risk together; null: nothing is known yet, which is not nothing. */
export function riskOf(incidents: readonly Pick<Listed, "dollars">[]): AtRisk {
  const known = incidents.flatMap(({ dollars }) => dollars.atRisk ?? []);
  return {
    atRisk: known.length === 0 ? null : sumMoney(known),
    isCounted: incidents.every(({ dollars }) => dollars.isCounted),
  };
}

/** Of either kind: how many are open, what they have at risk. bleeding: no freeze holds yet, and money can go on running out. */
export interface SumUp {
  open: number;
  risk: AtRisk;
  bleeding: number;
  unattended: number;
  /** In these nothing is done, so they hold nothing back. */
  dryRuns: { open: number; risk: AtRisk };
}

/** The fleet in one line. */
export function sumUp(incidents: readonly Listed[]): SumUp {
  const all = incidents.filter((incident) => isOpen(incident));
  const open = all.filter(({ dryRun }) => !dryRun);
  const dry = all.filter(({ dryRun }) => dryRun);
  return {
    open: open.length,
    risk: riskOf(open),
    bleeding: open.filter((incident) => standingOf(incident).word === "Bleeding").length,
    unattended: open.filter(({ isUnattended }) => isUnattended).length,
    dryRuns: { open: dry.length, risk: riskOf(dry) },
  };
}
