import { TourniquetError } from "../errors.ts";
import { type IncidentView, isOver } from "../incident/incident.ts";
import type { About, PageKind, Send } from "../incident/jobs.ts";
import { channelName } from "../incident/plain-words.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Verdicts } from "../incident/verdict.ts";
import { type FleetPagePorts, fleetPage } from "./fleet-page.ts";
import { linkTo } from "./links.ts";
import { compose, type Notification } from "./notification.ts";
import { type Draft, pageForIncident, pageForSignal } from "./page.ts";
import { pageRules } from "./page-kinds.ts";
import type { FleetPageKind, IncidentPageKind } from "./titles.ts";
import { hasTakenHold } from "./what-was-done.ts";

export interface PageOfPorts extends FleetPagePorts {
  incidents: Pick<Incidents, "view">;
  verdicts: Pick<Verdicts, "load">;
  /** How people reach this product; undefined: pages have no link. */
  publicUrl: string | undefined;
}

/** A page about something: what kind it is, and of page-failed what could not be told. */
export type PageJob = About & { what: PageKind } & Pick<Send, "failed">;

/**
 * What a page says now: amounts, priority and status are those of this moment, not of when it was booked. not-needed: what
 * it waited for has come about. Null: what it is about is gone.
 */
export async function pageOf(ports: PageOfPorts, job: PageJob): Promise<Notification | "not-needed" | null> {
  const draft = job.failed ? await pageOfFailed(ports, job, job.failed) : await draftOf(ports, job);
  if (draft === null || draft === "not-needed") return draft;
  const { agentId, incidentId, what } = job;
  return compose({
    ...draft,
    kind: what,
    action: actionOf(job),
    agentId,
    incidentId,
    link: linkTo(ports.publicUrl, job),
  });
}

/** That something could not be told opens no alert that it would not have opened itself. */
function actionOf({ what, failed }: PageJob): Notification["action"] {
  return failed && pageRules[failed.what].action !== "trigger" ? "note" : pageRules[what].action;
}

async function draftOf(ports: PageOfPorts, job: PageJob): Promise<Draft | "not-needed" | null> {
  const { what } = job;
  if (isAboutFleet(what)) return fleetPage(ports, job);
  if (what === "dead-letter") return pageForDeadLetter(ports, job);
  if (what === "signal") {
    const verdict = job.signalId ? await ports.verdicts.load(job.agentId, job.signalId) : null;
    return verdict && pageForSignal(verdict);
  }
  const incident = job.incidentId ? await ports.incidents.view(job.incidentId) : null;
  if (!incident || what === "page-failed") return null;
  const told = isEnd(what) ? endOf(incident) : what;
  return isStillNews(incident, told) ? pageForIncident(incident, told) : "not-needed";
}

const aboutFleet: Readonly<Record<FleetPageKind, true>> = {
  ...{ cascade: true, "cascade-acknowledged": true, "cascade-over": true },
  ...{ "freezes-waiting": true, "shutdown-waiting": true, answered: true },
};
const isAboutFleet = (what: PageKind): what is FleetPageKind => what in aboutFleet;

const isEnd = (what: PageKind): boolean => pageRules[what].action === "resolve";

/** An end is booked before it comes about, so that it cannot be lost; how it came about is told, not how it was meant. */
function endOf(incident: IncidentView): IncidentPageKind {
  if (!isOver(incident.status)) throw new TourniquetError("step-failed", `${incident.id} is not over yet`);
  if (incident.status === "stood-down") return "stood-down";
  return incident.supersededBy === null ? "resolved" : "superseded";
}

/** These pages tell of what has not come about (G13, N2, RB1); mostly it has by the time they are composed. */
function isStillNews(incident: IncidentView, what: IncidentPageKind): boolean {
  const isLate: Partial<Record<IncidentPageKind, boolean>> = {
    "freeze-failing": !hasTakenHold(incident),
    "not-frozen-in-time": !hasTakenHold(incident),
    "not-contained-in-time": incident.status === "detected" || incident.status === "containing",
    // Counted before somebody took it on, and not sent yet: nobody is rung up after that.
    escalated: incident.acknowledged === null,
  };
  if (isLate[what] === undefined) return true;
  return !incident.dryRun && incident.closedAt === null && isLate[what] === true;
}

/** O4. Its alert is its own: it is not over when the incident is. */
async function pageForDeadLetter(ports: PageOfPorts, { incidentId, deadLetter, agentId }: PageJob): Promise<Draft> {
  const incident = incidentId ? await ports.incidents.view(incidentId) : null;
  const { queue, jobId } = deadLetter ?? { queue: "unknown", jobId: "unknown" };
  const about = incident
    ? pageForIncident(incident, "dead-letter")
    : {
        priority: "P1" as const,
        title: `Work failed for good: nobody tries it again until you do`,
        lines: [`Agent: ${agentId}`],
      };
  return {
    ...about,
    dedupKey: `dead-letter-${queue}-${jobId}`,
    lines: [
      `Queue ${queue}, job ${jobId}`,
      `See why: npx tourniquet dead-letters show ${jobId}`,
      "All of them: npx tourniquet dead-letters list",
      ...about.lines,
    ],
  };
}

/** The same page again, for those who could be reached, with who could not. */
async function pageOfFailed(ports: PageOfPorts, job: PageJob, { channel, what }: NonNullable<Send["failed"]>) {
  const { failed: _, ...rest } = job;
  const original = await draftOf(ports, { ...rest, what });
  if (original === null || original === "not-needed") return original;
  return { ...original, title: `${channelName(channel)} could not be told: ${original.title}` };
}
