import { TourniquetError } from "../errors.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Caps, Clock, Incidents } from "../incident/ports.ts";
import { type KeptRecovery, notBegun, type Recoveries } from "../incident/recovery.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { isMonthUnknown } from "../runbooks/caps-to-restore.ts";
import { fleetAgent, type Settings } from "../settings/settings.ts";
import { needsNamedCaps } from "./ramp.ts";
import { capText, readCaps, type SaidCaps } from "./said-caps.ts";
import { capsBefore, takenBy } from "./taken.ts";

export interface AskRecoveryPorts {
  incidents: Pick<Incidents, "load">;
  caps: Pick<Caps, "snapshot" | "takeSnapshot" | "sayMonthlyCap">;
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
  const namedCaps = await namedBy(ports, incident, request);
  const recovery: KeptRecovery = {
    ...notBegun,
    ...{ by, rootCause, fix, askedAt },
    ...{ acceptReputation: request.acceptReputation?.trim() || null, namedCaps },
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

/** Caps that nobody saw are remembered as those from before (G10). Answers what stands in for caps that were none. */
async function namedBy(
  ports: AskRecoveryPorts,
  incident: Incident,
  request: RecoveryRequest,
): Promise<KeptRecovery["namedCaps"]> {
  const { agentId, id } = incident;
  const saidCaps = request.caps && readCaps(request.caps);
  const known = await ports.caps.snapshot(agentId, id);
  const budget = takenBy(incident, known);
  if (known === null && budget === "leave") return null;
  if (known === null && !saidCaps)
    throw new TourniquetError(
      "conflict",
      `Nobody saw the caps of ${agentId} before the freeze: say what they were, daily and monthly, each an amount or "none".`,
    );
  const snapshot = known ?? (await ports.caps.takeSnapshot(agentId, id, saidCaps!, "configured"));
  if (snapshot === null) throw changed(id);
  const agent = fleetAgent(ports.settings, agentId);
  if (budget === "freeze" && isMonthUnknown(snapshot, agent)) {
    if (!saidCaps) throw monthUnknown(agentId);
    if (saidCaps.dailyCap === null && saidCaps.monthlyCap !== null) {
      await ports.caps.sayMonthlyCap(agentId, id, saidCaps.monthlyCap);
      return null;
    }
  }
  const before = capsBefore(snapshot, agent);
  const isSame = saidCaps?.dailyCap === before.dailyCap && saidCaps?.monthlyCap === before.monthlyCap;
  if (!needsNamedCaps({ budget, before, rungs: ports.settings.recovery.rungs })) {
    if (saidCaps && !isSame)
      throw new TourniquetError(
        "conflict",
        `The caps of ${agentId} from before are known and come back: leave caps out.`,
      );
    return null;
  }
  // Said for caps that nobody saw, "none" is their answer; what the steps are shares of is the next question.
  if (!saidCaps || isSame) throw uncapped(agentId);
  return { daily: capText(saidCaps.dailyCap), monthly: capText(saidCaps.monthlyCap) };
}

const changed = (incidentId: string) =>
  new TourniquetError("conflict", `${incidentId} changed this very moment: ask again.`);

const monthUnknown = (agentId: string) =>
  new TourniquetError(
    "conflict",
    `${agentId} had no daily cap, and the gateway does not show its monthly one: say that as it was (daily "none", monthly "9000.00"). Where it had none either, name the caps, daily and monthly, that the steps below 100 % are shares of: 100 % gives back none.`,
  );

const uncapped = (agentId: string) =>
  new TourniquetError(
    "conflict",
    `${agentId} had no caps before, and a share of none is none: name the caps, daily and monthly, that the steps below 100 % are shares of. 100 % gives back none.`,
  );

async function wake({ dispatch }: AskRecoveryPorts, { id }: Incident): Promise<void> {
  await dispatch.add("recovery", id, `recover-${id}`, { incidentId: id }, { forgotten: true });
}
