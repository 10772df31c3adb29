import { timeliness } from "../../incident/deadline.ts";
import { type IncidentView, isOver } from "../../incident/incident.ts";
import type { Incidents, Log } from "../../incident/ports.ts";
import type { Signal } from "../../incident/signal.ts";
import type { Tuning, Tunings } from "../../incident/tuning.ts";
import { risesEverywhere } from "../../settings/contradictions.ts";
import { type Settings, thresholdsFor } from "../../settings/settings.ts";
import { valueAt, withValue } from "../../settings/tuned.ts";
import { nextValue, type Tunable, tunables } from "./tunable.ts";

export interface LearnPorts {
  tunings: Pick<Tunings, "propose" | "decide">;
  incidents: Pick<Incidents, "note">;
  /** Those in force, tunings over the file. */
  settings: Settings;
  /** Of the file alone. */
  fileThresholds(agentId: string): Settings["thresholds"];
  log: Log;
}

export type LearnAnswer =
  | "proposed"
  | "applied"
  | "known"
  | "off"
  | "not-over"
  | "nothing-was-done"
  | "in-time"
  /** A cascade, a breaker or a person decided: no threshold of its own did. */
  | "not-by-its-threshold"
  | "no-sensible-number"
  | "at-its-bound";

/**
 * F6: an incident that is over proposes to change the threshold of the rule that opened it. Containment that missed its rule
 * tightens it, a stand-down loosens it. Within bounds, one step at a time, once per incident; safe to run again.
 */
export async function learnFrom(
  ports: LearnPorts,
  incident: IncidentView,
): Promise<{ answer: LearnAnswer; tuningId?: string }> {
  const found = lessonOf(ports, incident);
  if (typeof found === "string") return { answer: found };
  const { agentId, id: incidentId } = incident;
  const { answer, tuning } = await ports.tunings.propose({ agentId, incidentId, ...found });
  const { path, from, to, reason } = tuning;
  const fields = { tuningId: tuning.id, path, from, to, reason };
  if (answer === "proposed") {
    await ports.incidents.note(incidentId, "learn", "tuning-proposed", fields);
    ports.log.info({ incidentId, agentId, ...fields }, "tuning.proposed");
  }
  if (ports.settings.learn.tuning !== "auto" || tuning.state !== "open")
    return { answer: answer === "known" ? "known" : "proposed", tuningId: tuning.id };
  await decideTuning(ports, tuning.id, { to: "approved", by: AUTOMATION, reason });
  return { answer: "applied", tuningId: tuning.id };
}

const AUTOMATION = "settings: learn.tuning auto";

type Lesson = Pick<Tuning, "path" | "direction" | "from" | "to" | "fileValue" | "reason">;

function lessonOf({ settings, fileThresholds }: LearnPorts, incident: IncidentView): Lesson | LearnAnswer {
  if (settings.learn.tuning === "off") return "off";
  if (!isOver(incident.status)) return "not-over";
  if (incident.dryRun) return "nothing-was-done";
  const why = incident.status === "stood-down" ? falseAlarm(incident) : missed(incident, settings.containment.ruleMs);
  if (why === null) return "in-time";
  // "policy line 4: ..." and "default policy: ..."; all others decided over the thresholds' heads.
  if (!/^(policy line|default policy)/.test(incident.decidedBy)) return "not-by-its-threshold";
  const tunable = tunableOf(incident.signals);
  const own = thresholdsFor(settings, incident.agentId);
  const from = tunable && valueAt(own, tunable.path);
  const fileValue = tunable && valueAt(fileThresholds(incident.agentId), tunable.path);
  if (tunable === undefined || from === undefined || fileValue === undefined) return "no-sensible-number";
  const to = nextValue(tunable, from, why.direction);
  if (to === null || !risesEverywhere(withValue(own, tunable.path, to))) return "at-its-bound";
  return { path: tunable.path, from, to, fileValue, ...why };
}

function falseAlarm({ standDown }: IncidentView): Pick<Lesson, "direction" | "reason"> {
  const said = standDown === null ? "" : ` by ${standDown.by}: ${standDown.reason}`;
  return { direction: "looser", reason: `a false alarm, stood down${said}` };
}

/** The 60 s rule, and the priority's own deadline where that is shorter (P2). */
function missed(incident: IncidentView, ruleMs: number): Pick<Lesson, "direction" | "reason"> | null {
  if (incident.containedAt === null) return null;
  const tookMs = incident.containedAt - incident.receivedAt;
  const { deadlineMs, timeliness: kept } = timeliness(incident, incident.containedAt);
  if (tookMs <= ruleMs && kept !== "late") return null;
  const limitMs = Math.min(ruleMs, deadlineMs ?? ruleMs);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const reason = `contained ${seconds(tookMs)} after its webhook came, ${seconds(limitMs)} are allowed: caught earlier, less is lost`;
  return { direction: "tighter", reason };
}

/** Of the signal that opened it: what joined later changed nothing about when. */
function tunableOf(signals: readonly Signal[]): Tunable | undefined {
  const first = [...signals].sort((a, b) => a.occurredAt - b.occurredAt)[0];
  if (first === undefined) return undefined;
  // Two warnings that are critical together (D15) were judged by the threshold of the warning.
  const severity = "combinedWith" in first.why.observed ? "warning" : first.severity;
  return tunables.find((one) => one.rule === first.why.rule && (one.severity === "any" || one.severity === severity));
}

/** Approves, rejects or withdraws; recorded with the tuning, in the log, and with the incident that taught it. */
export async function decideTuning(
  ports: Pick<LearnPorts, "tunings" | "incidents" | "log">,
  id: string,
  decision: Parameters<Tunings["decide"]>[1],
): Promise<Awaited<ReturnType<Tunings["decide"]>>> {
  const decided = await ports.tunings.decide(id, decision);
  if (!decided?.changed) return decided;
  const { agentId, incidentId, path, from, to } = decided.tuning;
  const { to: answer, by, reason } = decision;
  const fields = { tuningId: id, path, from, to, by, reason };
  ports.log.info({ agentId, incidentId, ...fields }, `tuning.${answer}`);
  await ports.incidents.note(incidentId, "learn", `tuning-${answer}`, fields);
  return decided;
}
