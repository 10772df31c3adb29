import { randomUUID } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, BudgetCaps, Gateway } from "../incident/gateway.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import { formatMoney, zero } from "../incident/money.ts";
import type { Actions, Caps, Clock, Incidents, Log } from "../incident/ports.ts";
import { capsToRestore } from "../runbooks/caps-to-restore.ts";
import { planOf } from "../runbooks/plan.ts";
import type { FleetAgent, GatewaySettings } from "../settings/settings.ts";
import { type ReleasePorts, releaseAgents, releasePayees } from "./release.ts";

export interface StandDownPorts extends ReleasePorts {
  gateway: Gateway;
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
  if (!incident || isOver(incident.status)) return { answer: "over" };
  if (!incident.standDown) return { answer: "not-asked" };
  const { epoch } = await ports.incidents.beginStandDown(incidentId, incident.standDown.by, incident.standDown.reason);
  const answer = incident.dryRun ? "nothing-was-done" : await undo(ports, incident, epoch, abort);
  await ports.incidents.setStatus(incidentId, "stood-down", "recover", {
    answer,
    by: incident.standDown.by,
    reason: incident.standDown.reason,
  });
  ports.log.info({ incidentId, agentId: incident.agentId, answer, by: incident.standDown.by }, "incident.stood-down");
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
  if (!(await ports.caps.mayRaise(incident.agentId, epoch, { forget: false }))) return "still-held";
  // Where this incident left the caps alone there is nothing to put back, unless one before it could not.
  const isOwn = snapshot?.source === "last-seen" && snapshot.at >= incident.openedAt;
  if (planOf(incident).budget === "leave" && (snapshot === null || isOwn)) {
    await freezesLanded(ports, incident, abort);
    await unfreezeWallet(ports, incident, epoch, abort);
    // The caps as they were seen when it opened: whoever changed them since may do so, and nothing shall ever restore them.
    await ports.caps.mayRaise(incident.agentId, epoch, { forget: true });
    return "caps-untouched";
  }
  // A wallet that is frozen stays so, and known to be: whoever can give the caps back later gives it back with them.
  if (!snapshot) return "caps-unknown";
  const caps = capsToRestore(snapshot, ports.fleetAgent(incident.agentId));
  if (snapshot.monthlyCap === undefined)
    await ports.incidents.note(incident.id, "recover", "monthly-cap-not-known", {
      restored: caps.monthlyCap === null || caps.monthlyCap === undefined ? null : formatMoney(caps.monthlyCap),
      why: "the gateway never showed it: the fleet's settings, else thirty times the daily cap",
    });
  await freezesLanded(ports, incident, abort);
  await unfreezeWallet(ports, incident, epoch, abort);
  await raise(ports, incident, caps, epoch, abort);
  if (await ports.caps.mayRaise(incident.agentId, epoch, { forget: true })) return "restored";
  await refreeze(ports, incident, epoch, abort);
  return "refrozen";
}

const LOOK_EVERY_MS = 200;
const LOOKS = 30;

/**
 * A freeze of this incident that left before the hold was lifted may still land, and would land on what is restored: nobody
 * would look after that agent any more. None can leave since. Throws where it takes long: the queue tries again.
 */
async function freezesLanded(
  { caps, clock }: StandDownPorts,
  { agentId }: Incident,
  abort: AbortSignal,
): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const leftMs = await caps.loweringLeft(agentId);
    if (leftMs === 0) return;
    await clock.wait(Math.min(leftMs, LOOK_EVERY_MS), abort);
  }
  throw new TourniquetError(
    "step-failed",
    `a freeze of ${agentId} is still on its way; its caps are restored after it`,
  );
}

/**
 * What a hold's ladder ended in is undone too, this incident's or that of one before it whose own stand-down found the agent
 * held. Absolute, so repeated at will.
 */
async function unfreezeWallet(
  { gateway, limits, caps }: StandDownPorts,
  incident: Incident,
  epoch: number,
  abort: AbortSignal,
): Promise<void> {
  if (!(await caps.isWalletFrozen(incident.agentId))) return;
  const action = `unfreeze-wallet:${incident.id}:${epoch}` as ActionKey;
  const options = { deadlineMs: limits.deadlineMs, signal: abort };
  const outcome = await gateway.setWalletFrozen(incident.agentId, false, action, options);
  if (outcome.outcome === "done") return;
  throw new TourniquetError(
    "step-failed",
    `the wallet of ${incident.agentId} is still frozen: ${outcome.error.message}`,
  );
}

/** A raise is guarded (G7): one in flight, and after an unclear answer the caps are read before it is sent again. */
async function raise(
  ports: StandDownPorts,
  incident: Incident,
  caps: BudgetCaps,
  epoch: number,
  abort: AbortSignal,
): Promise<void> {
  const action = `restore:${incident.id}:${epoch}` as ActionKey;
  const claim = await ports.actions.claim(
    incident.agentId,
    action,
    randomUUID(),
    ports.limits.deadlineMs + 1_000,
    ports.limits.inFlightBoundMs,
    incident.id,
  );
  if (claim.answer === "done") return;
  if (claim.answer === "busy" || claim.answer === "verify") {
    const now = await ports.gateway.readBudget(incident.agentId, { signal: abort });
    const restored =
      now.dailyCap === caps.dailyCap && (caps.monthlyCap === undefined || now.monthlyCap === caps.monthlyCap);
    if (restored && claim.answer === "verify")
      await ports.actions.finish(incident.agentId, action, claim.fence, "done", { observed: true });
    if (restored) return;
    if (claim.answer === "busy")
      throw new TourniquetError("step-failed", `another request may still restore ${incident.agentId}; looking again`);
  }
  const outcome = await ports.gateway.setBudget(incident.agentId, caps, action, {
    deadlineMs: ports.limits.deadlineMs,
    signal: abort,
  });
  if (outcome.outcome === "done") await ports.actions.finish(incident.agentId, action, claim.fence, "done", {});
  else {
    if (outcome.outcome === "not-done") await ports.actions.finish(incident.agentId, action, claim.fence, "retry", {});
    throw new TourniquetError(
      "step-failed",
      `the caps of ${incident.agentId} are not restored: ${outcome.error.message}`,
    );
  }
}

/** A new incident froze the agent while our raise was on its way: 0 again, now. Its hold does the same every 10 s. */
async function refreeze(ports: StandDownPorts, incident: Incident, epoch: number, abort: AbortSignal): Promise<void> {
  const frozen = { dailyCap: zero, monthlyCap: zero, alertThreshold: 0.8 };
  const action = `refreeze:${incident.id}:${epoch}` as ActionKey;
  const outcome = await ports.gateway.setBudget(incident.agentId, frozen, action, { signal: abort });
  await ports.incidents.note(incident.id, "recover", "raise-undone", { outcome: outcome.outcome });
}
