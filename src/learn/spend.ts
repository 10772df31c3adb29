import { type Incident, type IncidentView, isOver } from "../incident/incident.ts";
import { iso } from "../incident/iso.ts";
import { addMoney, formatMoney, money, zero } from "../incident/money.ts";
import type { Clock, Incidents } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import type { KeptSpend, Spending, SpendPoint, SpendSeries } from "../incident/spend.ts";
import { baselineOf, limitsOf } from "./spend-lines.ts";
import { joined, pointsOf } from "./spend-points.ts";

export interface SpendPorts {
  spending: Pick<Spending, "of">;
  clock: Pick<Clock, "now">;
}

const BEFORE_MS = 3_600_000;
const AFTER_MS = 300_000;

/** What the windows know now of the money around an incident: the forensics worker keeps it, since they run out (F1). */
export async function readSpend(
  { spending, clock }: SpendPorts,
  incident: Pick<Incident, "agentId" | "openedAt" | "closedAt">,
  signals: readonly Signal[],
): Promise<KeptSpend> {
  const [spent, now] = await Promise.all([spending.of(incident.agentId), clock.now()]);
  const from = incident.openedAt - BEFORE_MS;
  const until = Math.min(now, incident.closedAt === null ? now : incident.closedAt + AFTER_MS);
  return {
    from: iso(from),
    until: iso(until),
    ...pointsOf(spent, from, until),
    baseline: baselineOf(signals, spent),
  };
}

/** The parts of the evidence that have it, the latest first. */
const parts = ["spend", "after", "at-containment"] as const;

/** What went until the incident was over, recovery included: the windows forget it within days. */
export async function keepSpend(
  ports: SpendPorts & { incidents: Pick<Incidents, "signals" | "recordEvidence"> },
  incident: Incident,
): Promise<void> {
  const known = await readSpend(ports, incident, await ports.incidents.signals(incident.id));
  await ports.incidents.recordEvidence(incident.id, "spend", { takenAt: await ports.clock.now(), spend: { known } });
}

/** The plot of an incident, however long ago it was. Null: there is none of this id. */
export async function spendSeries(
  ports: SpendPorts & { incidents: Pick<Incidents, "view" | "evidence"> },
  incidentId: string,
): Promise<SpendSeries | null> {
  const incident = await ports.incidents.view(incidentId);
  if (!incident) return null;
  const [live, evidence] = await Promise.all([
    readSpend(ports, incident, incident.signals),
    ports.incidents.evidence(incidentId),
  ]);
  const kept = parts.map((part) => keptIn(evidence, part)).find((one) => one !== null) ?? null;
  const series = kept === null ? live : withKept(live, kept);
  return {
    ...{ incidentId, agentId: incident.agentId },
    ...series,
    keptUntil: kept?.until ?? null,
    limits: limitsOf(incident.signals),
    requestedAt: iso(incident.requestedAt),
    effectiveAt: iso(incident.effectiveAt),
    containedAt: iso(incident.containedAt),
    afterFreeze: spentAfter(series.points, incident),
    rungs: rungsOf(incident),
  };
}

/** Whichever knows more: the windows while they reach back so far, else the evidence, and the windows for what came after it. */
function withKept(live: KeptSpend, kept: KeptSpend): KeptSpend {
  const isUpTo = ({ at }: SpendPoint) => at <= kept.until;
  const totalOf = (points: readonly SpendPoint[]) => addMoney(zero, ...points.map(({ amount }) => money(amount)));
  if (totalOf(live.points.filter(isUpTo)) > totalOf(kept.points)) return live;
  const later = live.points.filter((point) => !isUpTo(point));
  return {
    ...live,
    points: joined(kept.points, later, money),
    isWhole: kept.isWhole,
    baseline: kept.baseline,
  };
}

function keptIn(evidence: Readonly<Record<string, unknown>>, part: string): KeptSpend | null {
  const { spend } = (evidence[part] ?? {}) as { spend?: { known?: KeptSpend } };
  return spend?.known ?? null;
}

/** Up to where it was given money back: what it spends while it recovers it may spend. */
function spentAfter(points: readonly SpendPoint[], incident: IncidentView): string {
  const { effectiveAt, timeline } = incident;
  if (effectiveAt === null) return formatMoney(zero);
  const back = timeline.find(({ what }) => what === "rung-taken")?.at ?? Number.POSITIVE_INFINITY;
  const until = Math.min(back, isOver(incident.status) ? (incident.closedAt ?? back) : back);
  const after = points.filter(({ at }) => Date.parse(at) > effectiveAt && Date.parse(at) < until);
  return formatMoney(addMoney(zero, ...after.map(({ amount }) => money(amount))));
}

function rungsOf({ timeline }: IncidentView): SpendSeries["rungs"] {
  const cap = (value: unknown) => (typeof value === "string" ? value : null);
  return timeline.flatMap(({ at, what, detail }) =>
    what === "rung-taken" || what === "stepped-back"
      ? [
          {
            ...{ at: iso(at), what, percent: Number(detail.percent ?? 0) },
            ...{ dailyCap: cap(detail.dailyCap), monthlyCap: cap(detail.monthlyCap) },
          },
        ]
      : [],
  );
}
