import { TourniquetError } from "../errors.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Caps, Clock, Incidents } from "../incident/ports.ts";
import { type KeptRecovery, notBegun, type Recoveries } from "../incident/recovery.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import type { TwoCaps } from "../runbooks/caps-to-restore.ts";
import { fleetAgent, type Settings } from "../settings/settings.ts";
import { type FromBefore, isReplaceable, judgeSaid, mustSayMonth } from "./caps-from-before.ts";
import { needsNamedCaps } from "./ramp.ts";
import { isUncapped, keptCaps, readCaps, type SaidCaps } from "./said-caps.ts";
import { capsBefore, takenBy } from "./taken.ts";

export interface AskRecoveryPorts {
  incidents: Pick<Incidents, "load">;
  caps: Pick<Caps, "snapshot">;
  recoveries: Pick<Recoveries, "ask">;
  dispatch: Dispatch;
  clock: Pick<Clock, "now">;
  settings: Settings;
}

export interface RecoveryRequest {
  incidentId: string;
  by: string;
  /** What was wrong, and how it was mended (R1). */
  rootCause: string;
  fix: string;
  /**
   * Only where they are asked for: nobody saw the caps before the freeze, or both were none and percents below 100 need something
   * to be shares of.
   */
  caps?: SaidCaps | undefined;
  /** There were no caps before, where nobody saw them: then `caps` is what percents below 100 are shares of. */
  uncapped?: boolean | undefined;
  /** Why a reputation that fell is accepted. */
  acceptReputation?: string | undefined;
}

/**
 * A named person says what was wrong and how it was mended: the first gate (R1). The hold stays until the next one has passed,
 * which the recovery worker looks at. asked: from now on; running: somebody had asked before, and theirs counts. Throws not-found,
 * conflict or input-invalid, each saying what to do.
 */
export async function askRecovery(ports: AskRecoveryPorts, request: RecoveryRequest): Promise<"asked" | "running"> {
  const { incidentId } = request;
  const { by, rootCause, fix } = whoAndWhy({ by: request.by, rootCause: request.rootCause, fix: request.fix });
  // Before anything is looked at: what joins from now on was not known to whoever asks, and refuses the recovery (begin.ts).
  const askedAt = await ports.clock.now();
  const incident = await ports.incidents.load(incidentId);
  if (!incident) throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  const answer = standingOf(incident);
  if (answer === "running") {
    await wake(ports, incident);
    return "running";
  }
  const caps = await capsWith(ports, incident, request);
  const recovery: KeptRecovery = {
    ...notBegun,
    ...{ by, rootCause, fix, askedAt },
    ...{ acceptReputation: request.acceptReputation?.trim() || null, ...caps },
    gates: { "root-cause": { at: askedAt, found: { by, rootCause, fix } } },
    page: { jobId: `page-${incidentId}-recovery-asked-${askedAt}`, what: "recovery-asked" },
  };
  const entry = { what: "recovery-asked", detail: { gate: "root-cause", passed: true, by, rootCause, fix } };
  const isAsked = await ports.recoveries.ask(incidentId, recovery, entry);
  if (!isAsked && standingOf((await ports.incidents.load(incidentId))!) !== "running") throw changed(incidentId);
  await wake(ports, incident);
  return isAsked ? "asked" : "running";
}

/** "running" where somebody asked before; throws where it cannot be asked now. */
function standingOf(incident: Incident): "contained" | "running" {
  const { id, status } = incident;
  if (incident.dryRun)
    throw new TourniquetError(
      "conflict",
      `${id} is a dry run, nothing was done to recover from: stand it down instead.`,
    );
  if (isOver(status)) throw new TourniquetError("conflict", `${id} is over already.`);
  if (incident.standDown)
    throw new TourniquetError(
      "conflict",
      `${incident.standDown.by} called ${id} a false alarm: it is being stood down.`,
    );
  if (incident.recovery !== null) return "running";
  if (status === "contained") return "contained";
  throw new TourniquetError("conflict", `${id} is ${status}: recovery begins when it is contained. Ask again then.`);
}

/** Caps that nobody saw are kept as those from before once it begins (G10); what stands in for caps that were none is named. */
async function capsWith(
  ports: AskRecoveryPorts,
  incident: Incident,
  request: RecoveryRequest,
): Promise<Pick<KeptRecovery, "saidCaps" | "namedCaps">> {
  const { agentId, id } = incident;
  const known = await ports.caps.snapshot(agentId, id);
  const from = { agentId, agent: fleetAgent(ports.settings, agentId), budget: takenBy(incident, known), known };
  const meant = meantBy(ports, from, request);
  const on = judgeSaid(from, meant.before);
  if (on.answer === "refused") throw new TourniquetError("conflict", on.why);
  const saidCaps = on.answer === "keep" ? keptCaps(on.said) : null;
  const before = on.answer === "keep" ? on.said : known && capsBefore(known, from.agent);
  const needsNamed = before && needsNamedCaps({ budget: from.budget, before, rungs: ports.settings.recovery.rungs });
  if (needsNamed && !meant.named) throw uncapped(agentId);
  return { saidCaps, namedCaps: needsNamed && meant.named ? keptCaps(meant.named) : null };
}

/**
 * Caps are what they were before. Where there were none, which the gateway showed or the person says, they are what the steps below
 * 100 % are shares of.
 */
function meantBy(
  ports: AskRecoveryPorts,
  from: FromBefore,
  { caps, uncapped }: RecoveryRequest,
): { before: TwoCaps | undefined; named: TwoCaps | null } {
  const said = caps && readCaps(caps);
  const named = said && !isUncapped(said) ? said : null;
  if (uncapped) return { before: none, named };
  const { known, agent, budget } = from;
  const { rungs } = ports.settings.recovery;
  const isKnown = known !== null && !isReplaceable(known);
  const isNone = isKnown && needsNamedCaps({ budget, before: capsBefore(known, agent), rungs });
  // Without a daily cap, where the gateway shows no monthly one, an amount for the month is that.
  if (!named || !isNone || (mustSayMonth(from) && named.dailyCap === null)) return { before: said, named: null };
  return { before: none, named };
}

const none: TwoCaps = { dailyCap: null, monthlyCap: null };

const changed = (incidentId: string) =>
  new TourniquetError("conflict", `${incidentId} changed this very moment: ask again.`);

const uncapped = (agentId: string) =>
  new TourniquetError(
    "conflict",
    `${agentId} had no caps before, and a share of none is none: name the caps, daily and monthly, that the steps below 100 % are shares of, and say that there were none (uncapped). 100 % gives back none.`,
  );

async function wake({ dispatch }: AskRecoveryPorts, { id }: Incident): Promise<void> {
  await dispatch.add("recovery", id, `recover-${id}`, { incidentId: id }, { forgotten: true });
}
