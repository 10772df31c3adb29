import type { Cascades } from "../../incident/cascade.ts";
import { type CascadeView, type CascadeViewPorts, viewCascade } from "../../incident/cascade-view.ts";
import { type IncidentView, isOver } from "../../incident/incident.ts";
import type { Clock, Incidents } from "../../incident/ports.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { titleOf } from "../../incident/what-happened.ts";
import type { Settings } from "../../settings/settings.ts";
import { actionItemsOf } from "./action-items.ts";
import { affectedBy } from "./affected.ts";
import { fromFirstPayments } from "./beginning.ts";
import { rootCauseOf } from "./causes.ts";
import { firstAnomalyOf } from "./durations.ts";
import { effectivenessOf } from "./effectiveness.ts";
import { type Parts, timesOfEvents, unknownSources } from "./evidence.ts";
import { gatewayClock, inOurTime } from "./gateway-clock.ts";
import { impactOf } from "./impact.ts";
import { iso, sentence } from "./in-words.ts";
import { recommendationsOf } from "./recommended-actions.ts";
import { summaryOf } from "./summary.ts";
import { timelineOf } from "./timeline.ts";
import { timelineWords } from "./timeline-words.ts";

export interface DraftPorts extends CascadeViewPorts {
  incidents: Pick<Incidents, "view" | "evidence">;
  cascades: Pick<Cascades, "load">;
  clock: Pick<Clock, "now">;
  settings: Pick<Settings, "learn">;
}

/** The post-mortem as it would be now; a draft while the incident is open. Null where there is no such incident. Reads only Redis. */
export async function draftPostMortem(ports: DraftPorts, incidentId: string): Promise<PostMortem | null> {
  const incident = await ports.incidents.view(incidentId);
  if (!incident) return null;
  const [parts, cascade, now] = await Promise.all([
    ports.incidents.evidence(incidentId),
    cascadeOf(ports, incident),
    ports.clock.now(),
  ]);
  return compose({ incident, parts, cascade, now, learn: ports.settings.learn });
}

async function cascadeOf(ports: DraftPorts, { cascadeId }: IncidentView): Promise<CascadeView | null> {
  const cascade = cascadeId === null ? null : await ports.cascades.load(cascadeId);
  return cascade && viewCascade(ports, cascade);
}

export interface ComposedFrom {
  incident: IncidentView;
  parts: Parts;
  cascade: CascadeView | null;
  /** Milliseconds since 1970, by Redis. */
  now: number;
  learn: Settings["learn"];
}

/** F2, F3 and F4 in one document, of what is known alone: the same input is the same post-mortem. */
export function compose({ incident: recorded, parts: evidence, cascade, now, learn }: ComposedFrom): PostMortem {
  const clock = gatewayClock(recorded, evidence);
  const { incident, parts } = inOurTime(fromFirstPayments(recorded, evidence), evidence, clock);
  const firstAnomalyAt = firstAnomalyOf(incident, timesOfEvents(parts));
  const timeline = timelineOf(incident, firstAnomalyAt, now, clock);
  const impact = impactOf({ incident, parts, firstAnomalyAt, clock, humanResponseMs: learn.humanResponseMs });
  const rootCause = rootCauseOf(incident, cascade);
  const unknown = unknownSources(parts);
  const actionItems = actionItemsOf({ incident, impact, unknown, owner: learn.owner });
  return {
    version: 1,
    incidentId: incident.id,
    agentId: incident.agentId,
    priority: incident.priority,
    runbooks: [...incident.runbooks],
    status: incident.status,
    isDraft: !isOver(incident.status),
    writtenAt: iso(now),
    title: titleOf(incident),
    summary: summaryOf({ incident, timeline, impact, rootCause, cascade, actionItems }),
    timeline,
    impact,
    rootCause,
    effectiveness: effectivenessOf(incident, timeline),
    affected: affectedBy(incident, parts, cascade),
    recommendations: recommendationsOf(incident),
    actionItems,
    changes: changesIn(incident),
    evidence: { parts: Object.keys(parts).sort(), unknown },
  };
}

/** What is different from now on: the fix that a person named, and what became of the thresholds. */
function changesIn(incident: IncidentView): string[] {
  const { recovery, timeline, supersededBy } = incident;
  const tunings = timeline.filter(({ what }) => what.startsWith("tuning-"));
  return [
    ...(recovery && supersededBy === null ? [`Mended, says ${recovery.by}: ${sentence(recovery.fix)}`] : []),
    ...tunings.flatMap((entry) => timelineWords[entry.what]?.(entry.detail, incident) ?? []),
  ];
}
