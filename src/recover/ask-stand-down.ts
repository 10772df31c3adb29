import { TourniquetError } from "../errors.ts";
import type { Incident } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Caps, Incidents } from "../incident/ports.ts";
import type { CapsSaid } from "../incident/snapshot.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import type { TwoCaps } from "../runbooks/caps-to-restore.ts";
import { fleetAgent, type Settings } from "../settings/settings.ts";
import { areBeingRead, judgeSaid } from "./caps-from-before.ts";
import { capsText, isSame, readCaps, type SaidCaps } from "./said-caps.ts";
import { capsBefore, takenBy } from "./taken.ts";

export interface AskStandDownPorts {
  incidents: Pick<Incidents, "load" | "view" | "signals" | "beginStandDown">;
  caps: Pick<Caps, "snapshot">;
  dispatch: Dispatch;
  settings: Settings;
}

export interface StandDownRequest {
  incidentId: string;
  by: string;
  reason: string;
  /** What to restore where nobody saw the caps before the freeze. */
  caps?: SaidCaps | undefined;
  /** How many signals were known to whoever decides; left out: those that it has as this is asked. */
  joined?: number | undefined;
}

/**
 * A person calls an incident a false alarm. Where the caps from before are unknown they must be said now (G10): closing
 * without them would leave the agent frozen and nobody watching. What joins meanwhile, as another person's order does, was not
 * known to whoever asks: it must not be given up with the rest. Throws not-found, conflict or input-invalid, and then nothing
 * has changed: the caps said are not kept either.
 */
export async function askStandDown(ports: AskStandDownPorts, request: StandDownRequest): Promise<"begun" | "running"> {
  const { incidentId } = request;
  const { by, reason } = whoAndWhy({ by: request.by, reason: request.reason });
  const caps = request.caps && readCaps(request.caps);
  const joined = request.joined ?? (await ports.incidents.signals(incidentId)).length;
  const incident = await ports.incidents.load(incidentId);
  if (!incident) throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  const said = await capsWith(ports, incident, caps);
  const { answer, epoch } = await ports.incidents.beginStandDown(incidentId, by, reason, { joined, said });
  if (answer !== "begun" && answer !== "running") throw new TourniquetError("conflict", whyNot[answer](incident));
  const jobId = `recovery-${incidentId}-${epoch}`;
  await ports.dispatch.add("recovery", incidentId, jobId, { incidentId });
  // One that ended without ending the incident does not come again under its own name.
  if (answer === "running" && !(await ports.dispatch.isLive("recovery", incidentId, jobId)))
    await ports.dispatch.add("recovery", incidentId, `${jobId}-again`, { incidentId }, { forgotten: true });
  return answer;
}

const isOverAlready = ({ id }: Incident): string => `${id} is over already.`;
const whyNot = {
  over: isOverAlready,
  unknown: isOverAlready,
  changed: ({ id }: Incident) =>
    `Something joined ${id} this very moment, and nothing was stood down: look what it is, and ask again.`,
  "other-caps": ({ agentId }: Incident) =>
    `What is known of the caps of ${agentId} changed this very moment, and nothing was stood down: ask again.`,
} as const;

/** The caps to be kept with it, if any. Throws conflict where they are missing, or where those said are not what comes back. */
async function capsWith(
  ports: AskStandDownPorts,
  incident: Incident,
  said: TwoCaps | undefined,
): Promise<CapsSaid | null> {
  const { id, agentId, dryRun, standDown } = incident;
  if (incident.closedAt !== null) return null;
  const agent = fleetAgent(ports.settings, agentId);
  const known = dryRun ? null : await ports.caps.snapshot(agentId, id);
  if (standDown) {
    // By now the caps may be back and forgotten; then nothing is known to be other.
    const before = known && capsBefore(known, agent);
    if (!said || !before || isSame(said, before)) return null;
    throw new TourniquetError(
      "conflict",
      `${standDown.by} called ${id} a false alarm before: ${capsText(before)} comes back, and not the caps that you say.`,
    );
  }
  const budget = dryRun ? "leave" : takenBy(incident, known);
  if (known === null && budget !== "leave" && (await areBeingRead(ports, id)))
    throw new TourniquetError(
      "conflict",
      `The caps of ${agentId} are just being read, the first that containment does: ask again in some seconds. If it stays so, npx tourniquet doctor says who does not work.`,
    );
  const on = judgeSaid({ agentId, agent, budget, known }, said);
  if (on.answer === "refused") throw new TourniquetError("conflict", on.why);
  return on.answer === "keep" ? on.said : null;
}
