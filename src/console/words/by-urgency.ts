import type { Priority } from "../../incident/incident.ts";
import { leftOf, sumMoney } from "./money.ts";
import { isOpen, type Stands } from "./standing.ts";

interface Listed extends Stands {
  id: string;
  cascadeId: string | null;
  openedAt: string;
  dollars: { locked: string; recovered: string; lost: string };
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

/** What an incident's escrows still hold: neither back nor gone. */
export function atRisk({ dollars: { locked, recovered, lost } }: Pick<Listed, "dollars">): string {
  return leftOf(locked, recovered, lost);
}

/** The fleet in one line: how many are open, how much they hold, how many nobody has. A dry run holds nothing back. */
export function sumUp(incidents: readonly Listed[]): { open: number; atRisk: string; unattended: number } {
  const open = incidents.filter((incident) => isOpen(incident) && !incident.dryRun);
  return {
    open: open.length,
    atRisk: sumMoney(open.map(atRisk)),
    unattended: open.filter(({ isUnattended }) => isUnattended).length,
  };
}
