import type { ActionKey, Gateway } from "../incident/gateway.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { Dispatch, JobData } from "../incident/jobs.ts";
import { formatMoney } from "../incident/money.ts";
import type { Actions, Caps, Clock, Incidents, Log } from "../incident/ports.ts";
import { capsToRestore } from "../runbooks/caps-to-restore.ts";
import { planOf } from "../runbooks/plan.ts";
import type { FleetAgent, GatewaySettings } from "../settings/settings.ts";
import { tellOnce } from "./end-jobs.ts";
import { type RaiseEnd, type RaisePorts, raiseCaps, unfreezeWallet, writesLanded } from "./raise.ts";
import { type ReleasePorts, releaseAgents, releasePayees } from "./release.ts";

export interface StandDownPorts extends ReleasePorts, RaisePorts {
  gateway: Gateway;
  dispatch: Dispatch;
  incidents: Incidents;
  caps: Caps;
  actions: Actions;
  clock: Clock;
  log: Log;
  limits: GatewaySettings;
  fleetAgent(agentId: string): FleetAgent | undefined;
}

export type StandDownAnswer =
  | "over"
  | "not-asked"
  /** A dry run: there was nothing to put back. */
  | "nothing-was-done"
  | "still-held"
  | "caps-unknown"
  | "caps-untouched"
  | "restored"
  | "refrozen";

/**
 * A person called it a false alarm (C6): the recorded caps come back exactly, a null cap as null. The hold was lifted and
 * the epoch raised when it was asked; the raise goes out only if nobody holds the agent, and is undone at once if
 * somebody froze it meanwhile (G9). Throws while the gateway has not answered: the queue tries again.
 */
export async function standDown(
  ports: StandDownPorts,
  { incidentId }: JobData["recovery"],
  abort: AbortSignal,
): Promise<{ answer: StandDownAnswer }> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident) return { answer: "over" };
  if (isOver(incident.status)) {
    if (incident.status === "stood-down") await tellOnce(ports, incident, "stood-down");
    return { answer: "over" };
  }
  if (!incident.standDown) return { answer: "not-asked" };
  const { epoch } = await ports.incidents.beginStandDown(incidentId, incident.standDown.by, incident.standDown.reason);
  const answer = incident.dryRun ? "nothing-was-done" : await undo(ports, incident, epoch, abort);
  await ports.incidents.setStatus(incidentId, "stood-down", "recover", {
    answer,
    by: incident.standDown.by,
    reason: incident.standDown.reason,
  });
  ports.log.info({ incidentId, agentId: incident.agentId, answer, by: incident.standDown.by }, "incident.stood-down");
  await tellOnce(ports, incident, "stood-down");
  return { answer };
}

/**
 * Money and agent are given back each by itself: a platform that does not answer must not keep the caps, nor the gateway the
 * agent. The caps' answer is kept, since a second look could not tell a restored agent from one that nobody knows the caps of.
 */
async function undo(
  ports: StandDownPorts,
  incident: Incident,
  epoch: number,
  abort: AbortSignal,
): Promise<StandDownAnswer> {
  const released = Promise.all([releaseAgents(ports, incident, abort), releasePayees(ports, incident, abort)]);
  const [caps, agents] = await Promise.allSettled([restoreOnce(ports, incident, epoch, abort), released]);
  if (caps.status === "rejected") throw caps.reason;
  if (agents.status === "rejected") throw agents.reason;
  return caps.value;
}

async function restoreOnce(
  ports: StandDownPorts,
  incident: Incident,
  epoch: number,
  abort: AbortSignal,
): Promise<StandDownAnswer> {
  const known = (await ports.incidents.receipts(incident.id)).get(RESTORE)?.result.answer;
  if (known !== undefined) return known as StandDownAnswer;
  const answer = await restore(ports, incident, epoch, abort);
  await ports.incidents.recordReceipt(incident.id, RESTORE, "recover", { answer });
  return answer;
}

const RESTORE = "restore-caps";

async function restore(
  ports: StandDownPorts,
  incident: Incident,
  epoch: number,
  abort: AbortSignal,
): Promise<StandDownAnswer> {
  const snapshot = await ports.caps.snapshot(incident.agentId, incident.id);
  // Where this incident left the caps alone there is nothing to put back, unless one before it could not.
  const isOwn = snapshot?.source === "last-seen" && snapshot.at >= incident.openedAt;
  if (planOf(incident).budget === "leave" && (snapshot === null || isOwn)) {
    if (!(await ports.caps.mayRaise(incident.agentId, epoch, { forget: false }))) return "still-held";
    await writesLanded(ports, incident, abort);
    await unfreezeWallet(ports, incident, epoch, abort);
    // The caps as they were seen when it opened: whoever changed them since may do so, and nothing shall ever restore them.
    await ports.caps.mayRaise(incident.agentId, epoch, { forget: true });
    return "caps-untouched";
  }
  // A wallet that is frozen stays so, and known to be: whoever can give the caps back later gives it back with them.
  if (!snapshot)
    return (await ports.caps.mayRaise(incident.agentId, epoch, { forget: false })) ? "caps-unknown" : "still-held";
  const caps = capsToRestore(snapshot, ports.fleetAgent(incident.agentId));
  const action = `restore:${incident.id}:${epoch}` as ActionKey;
  const last = { step: RESTORE, result: { answer: "restored" satisfies StandDownAnswer } };
  const end = await raiseCaps(ports, { incident, caps, epoch, action, dueAt: null, last }, abort);
  if (end !== "stands") return ends[end];
  if (snapshot.monthlyCap === undefined)
    await ports.incidents.note(incident.id, "recover", "monthly-cap-not-known", {
      restored: caps.monthlyCap === null || caps.monthlyCap === undefined ? null : formatMoney(caps.monthlyCap),
      why: "the gateway never showed it: the fleet's settings, else thirty times the daily cap",
    });
  return "restored";
}

const ends = {
  held: "still-held",
  early: "still-held",
  overtaken: "still-held",
  undone: "refrozen",
} as const satisfies Record<Exclude<RaiseEnd, "stands">, StandDownAnswer>;
