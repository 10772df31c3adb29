import type { AtRisk } from "../../incident/at-risk.ts";
import { isZero, sumMoney } from "./money.ts";
import { isOpen, type Stands } from "./standing.ts";

interface Listed extends Pick<Stands, "status"> {
  cascadeId: string | null;
}

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

/** What several have at risk together, as the server adds them up: where not all are counted, at least so much and never zero. */
export function riskOf(incidents: readonly { dollars: AtRisk }[]): AtRisk {
  const known = sumMoney(incidents.flatMap(({ dollars }) => dollars.atRisk ?? []));
  const isCounted = incidents.every(({ dollars }) => dollars.isCounted);
  return { atRisk: isZero(known) && !isCounted ? null : known, isCounted };
}
