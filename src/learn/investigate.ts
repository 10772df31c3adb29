import { describeError, isTransient, TourniquetError } from "../errors.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import type { Clock, Incidents, Log } from "../incident/ports.ts";
import { type KeptEventPorts, keepEvents } from "./kept-events.ts";
import { evidenceWindow, type Found, inText, type Source, sourcesOf, takenNow } from "./sources.ts";
import type { SpendPorts } from "./spend.ts";
import type { TelemetryPorts } from "./telemetry.ts";

export interface InvestigatePorts extends TelemetryPorts, KeptEventPorts, SpendPorts {
  inbox: TelemetryPorts["inbox"] & KeptEventPorts["inbox"];
  gateway: Gateway;
  incidents: Incidents;
  clock: Pick<Clock, "now">;
  log: Log;
}

type Part = Exclude<Extract<JobData["forensics"], { incidentId: string }>["part"], "post-mortem">;

/** mayAnswer: another attempt may learn it. */
export type Answer = Found | { unknown: string; mayAnswer: boolean };

/**
 * Evidence of one incident (F1), taken at containment and again when the window closes; the first of each part stays. A source
 * that does not answer is recorded as unknown, with the reason: missing evidence is a finding, never a gap. While the window is
 * open it is asked again, and what it says then stands beside it as `<part>/<source>`. Throws while there is something left to
 * ask: the queue tries again.
 */
export async function investigate(
  ports: InvestigatePorts,
  { incidentId, part }: { incidentId: string; part: Part },
): Promise<{ answer: "taken" | "no-incident"; unknown: readonly string[] }> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident) return { answer: "no-incident", unknown: [] };
  const [signals, before] = await Promise.all([
    ports.incidents.signals(incidentId),
    ports.incidents.evidence(incidentId),
  ]);
  const sources = sourcesOf(ports, incident, signals);
  const first = before[part] as Readonly<Record<string, Answer>> | undefined;
  const missing = Object.entries(sources).filter(
    ([name]) => first === undefined || (isMissing(first[name]) && !(againPart(part, name) in before)),
  );
  const answers = await askAll(missing);
  const taken = await takenNow(ports, incident);
  if (first === undefined) {
    const events = await keepEvents(ports, signals, before);
    const evidence = { ...taken, ...Object.fromEntries(answers), ...events };
    await ports.incidents.recordEvidence(incidentId, part, inText(evidence));
  } else {
    for (const [name, answer] of answers)
      if (!isMissing(answer))
        await ports.incidents.recordEvidence(incidentId, againPart(part, name), inText({ ...taken, ...answer }));
  }
  const unknown = answers.filter(([, answer]) => isMissing(answer)).map(([name]) => name);
  await note(ports, incident, part, { sources: Object.keys(sources).length, unknown });
  ports.log.info({ incidentId, agentId: incident.agentId, part, unknown }, "evidence.taken");
  const left = answers.filter(([, answer]) => "unknown" in answer && answer.mayAnswer).map(([name]) => name);
  if (left.length > 0 && (await ports.clock.now()) < askUntil(incident, part))
    throw new TourniquetError("step-failed", `evidence not to be had yet: ${left.join(", ")}; asking again`);
  return { answer: "taken", unknown };
}

/** Where what a source said when it was asked again stands. */
export const againPart = (part: string, source: string): string => `${part}/${source}`;

/** What is known now, said once: a worker that was killed in between has only not said it yet. */
async function note(
  { incidents }: InvestigatePorts,
  { id }: Incident,
  part: Part,
  found: { sources: number; unknown: readonly string[] },
): Promise<void> {
  const said = (await incidents.view(id))?.timeline.filter(({ detail }) => detail.part === part) ?? [];
  const last = said.findLast(({ what }) => what === "evidence-taken" || what === "evidence-completed");
  if (!last) await incidents.note(id, "learn", "evidence-taken", { part, ...found });
  else if (JSON.stringify(last.detail.unknown) !== JSON.stringify(found.unknown))
    await incidents.note(id, "learn", "evidence-completed", { part, ...found });
}

/** The later part is taken when the window has closed, so it is asked for as long again. */
function askUntil(incident: Incident, part: Part): number {
  const { fromMs, untilMs } = evidenceWindow(incident);
  const after = untilMs - incident.openedAt;
  return part === "at-containment" ? untilMs : Math.max(incident.containedAt ?? fromMs, incident.openedAt) + 2 * after;
}

export async function askAll(sources: readonly (readonly [string, Source])[]): Promise<(readonly [string, Answer])[]> {
  return Promise.all(sources.map(async ([name, ask]) => [name, await known(ask)] as const));
}

const isMissing = (answer: Answer | undefined): boolean => answer === undefined || "unknown" in answer;

/** Missing evidence is a finding: what a source did not answer is kept as unknown, with the reason. */
export async function known(ask: Source): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    return { unknown: describeError(error).message, mayAnswer: isTransient(error) };
  }
}
