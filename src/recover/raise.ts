import { randomUUID } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, Budget, BudgetCaps, Gateway } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import { isSameCap, zero } from "../incident/money.ts";
import type { Actions, Caps, Clock, Incidents, LastRaise } from "../incident/ports.ts";
import { toldCall } from "../incident/told-call.ts";
import type { GatewaySettings } from "../settings/settings.ts";

export interface RaisePorts {
  gateway: Pick<Gateway, "readBudget" | "setBudget" | "setWalletFrozen">;
  incidents: Pick<Incidents, "note" | "tell">;
  caps: Pick<Caps, "mayRaise" | "beginRaise" | "settleRaise" | "endLowering" | "loweringLeft" | "isWalletFrozen">;
  actions: Actions;
  clock: Clock;
  limits: GatewaySettings;
}

/** One write of an agent's caps that is no freeze: whether it raises them or takes some back, a freeze must win over it (G9). */
export interface Raise {
  incident: Pick<Incident, "id" | "agentId">;
  caps: BudgetCaps;
  /** The fence number it was planned under. */
  epoch: number;
  /** One intended effect: incident, epoch and which raise of them. */
  action: ActionKey;
  /** Redis time in milliseconds; null: at any time. */
  dueAt: number | null;
  /** The receipt that is written as it stands, where nothing is raised after it: the caps from before need not be known any more. */
  last: Omit<LastRaise, "incidentId"> | null;
}

/**
 * stands: read back by whoever needs to. held: somebody holds the agent or moved its epoch before anything was sent. early: Redis
 * says that it is not due. undone: somebody froze the agent while it was on its way, and the caps are 0 again. overtaken: a newer
 * release waited for it and sets the caps itself.
 */
export type RaiseEnd = "stands" | "held" | "early" | "undone" | "overtaken";

const LOOK_EVERY_MS = 200;
const LOOKS = 30;
const REFREEZE_TRIES = 10;
const REFREEZE_PAUSE_MS = 1_000;
const LEASE_MARGIN_MS = 1_000;

/**
 * Gate, freezes landed, wallet, gate again, the call, settle; 0 again where somebody froze the agent meanwhile (G9). Throws while
 * the gateway has not answered: the queue tries again, and goes on where this stopped.
 */
export async function raiseCaps(ports: RaisePorts, raise: Raise, abort: AbortSignal): Promise<RaiseEnd> {
  const { incident, epoch } = raise;
  if (!(await ports.caps.mayRaise(incident.agentId, epoch, { forget: false }))) return undoEarlier(ports, raise, abort);
  await writesLanded(ports, incident, abort, raise.action);
  await unfreezeWallet(ports, incident, epoch, abort);
  const sent = await sendOnce(ports, raise, abort);
  return sent === "landed" ? settle(ports, raise, abort) : sent;
}

/**
 * A write of these caps that left before may still land, and would land on what is written now: nobody would look after that any
 * more. own: an earlier attempt at this very write is no other one. Throws where it takes long: the queue tries again.
 */
export async function writesLanded(
  { caps, clock }: Pick<RaisePorts, "caps" | "clock">,
  { agentId }: Pick<Incident, "agentId">,
  abort: AbortSignal,
  own?: ActionKey,
): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const leftMs = await caps.loweringLeft(agentId, own);
    if (leftMs === 0) return;
    await clock.wait(Math.min(leftMs, LOOK_EVERY_MS), abort);
  }
  throw onItsWay(agentId);
}

const onItsWay = (agentId: string) =>
  new TourniquetError(
    "step-failed",
    `another write of the caps of ${agentId} is still on its way; they are set after it`,
  );

/**
 * What a hold's ladder ended in is undone too, this incident's or that of one before it whose own stand-down found the agent
 * held. Absolute, so repeated until it is answered; forgotten then, since who freezes the wallet after that is a person.
 */
export async function unfreezeWallet(
  { gateway, limits, caps, incidents }: Pick<RaisePorts, "gateway" | "limits" | "caps" | "incidents">,
  incident: Pick<Incident, "id" | "agentId">,
  epoch: number,
  abort: AbortSignal,
): Promise<void> {
  if (!(await caps.isWalletFrozen(incident.agentId))) return;
  const action = `unfreeze-wallet:${incident.id}:${epoch}` as ActionKey;
  const options = { deadlineMs: limits.deadlineMs, signal: abort };
  const outcome = await toldCall(incidents, incident.id, action, () =>
    gateway.setWalletFrozen(incident.agentId, false, action, options),
  );
  if (outcome.outcome === "done") {
    // Where somebody holds the agent by now it may be that one's freeze: known on.
    await caps.mayRaise(incident.agentId, epoch, { forget: "wallet" });
    return;
  }
  throw new TourniquetError(
    "step-failed",
    `the wallet of ${incident.agentId} is still frozen: ${outcome.error.message}`,
    { notTaken: true },
  );
}

/** What the gateway shows is what was written, to the cent. A monthly cap that it does not show was sent and is believed. */
export function shows(budget: Budget, caps: BudgetCaps): boolean {
  const { monthlyCap } = budget;
  const isMonth = caps.monthlyCap === undefined || monthlyCap === undefined || isSameCap(monthlyCap, caps.monthlyCap);
  return isSameCap(budget.dailyCap, caps.dailyCap) && isMonth;
}

/** A raise is guarded (G7): one in flight, and after an unclear answer the caps are read before it is sent again. */
async function sendOnce(ports: RaisePorts, raise: Raise, abort: AbortSignal): Promise<"landed" | "held" | "early"> {
  const { agentId } = raise.incident;
  const { deadlineMs } = ports.limits;
  const claimedAt = performance.now();
  const claim = await claimed(ports, raise);
  if (claim.answer === "done") return "landed";
  if (claim.answer !== "go") {
    const isThere = shows(await ports.gateway.readBudget(agentId, { deadlineMs, signal: abort }), raise.caps);
    if (isThere && claim.answer === "verify")
      await ports.actions.finish(agentId, raise.action, claim.fence, "done", { observed: true });
    if (isThere) return "landed";
    if (claim.answer === "busy")
      throw new TourniquetError("step-failed", `another request may still set the caps of ${agentId}; looking again`);
  }
  const finish = (end: "done" | "retry") => ports.actions.finish(agentId, raise.action, claim.fence, end, {});
  const leaving = { token: raise.action, ttlMs: ttlOf(ports), dueAt: raise.dueAt, caps: raise.caps };
  const gate = await ports.caps.beginRaise(agentId, raise.epoch, leaving);
  if (gate.answer !== "go") {
    await finish("retry");
    if (gate.answer === "wait") throw onItsWay(agentId);
    return gate.answer === "no" ? "held" : "early";
  }
  // A process that slept, or read, for longer than this must not call any more: its call could outlive its lease (G12).
  const isLate = performance.now() - claimedAt > deadlineMs;
  const options = { deadlineMs, signal: abort, sendBy: claimedAt + deadlineMs };
  const outcome = isLate ? null : await ports.gateway.setBudget(agentId, raise.caps, raise.action, options);
  if (outcome?.outcome === "unknown") throw notSet(agentId, outcome.error.message);
  await finish(outcome?.outcome === "done" ? "done" : "retry");
  if (outcome?.outcome === "done") return "landed";
  await ports.caps.endLowering(agentId, raise.action);
  throw notSet(agentId, outcome?.error.message ?? "it took too long");
}

const notSet = (agentId: string, why: string) =>
  new TourniquetError("step-failed", `the caps of ${agentId} are not set: ${why}`, { notTaken: true });

/** So long a write may take effect after it was let through the gate. */
const ttlOf = ({ limits }: Pick<RaisePorts, "limits">) => limits.deadlineMs + limits.inFlightBoundMs;

function claimed({ actions, limits }: Pick<RaisePorts, "actions" | "limits">, { incident, action }: Raise) {
  const leaseMs = 2 * limits.deadlineMs + LEASE_MARGIN_MS;
  return actions.claim(incident.agentId, action, randomUUID(), leaseMs, limits.inFlightBoundMs, incident.id);
}

/**
 * The raise has landed. Where a new incident holds the agent by now, 0 again: repeated until the gateway has taken it, since that
 * incident may be one that freezes nothing by itself. Where the hold goes meanwhile, whoever lifted it waits for us.
 */
async function settle(ports: RaisePorts, raise: Raise, abort: AbortSignal): Promise<RaiseEnd> {
  const { incident, epoch, action: token } = raise;
  const last = raise.last && { ...raise.last, incidentId: incident.id };
  const frozen: BudgetCaps = { dailyCap: zero, monthlyCap: zero, alertThreshold: raise.caps.alertThreshold };
  const action = `refreeze:${incident.id}:${epoch}` as ActionKey;
  for (let tries = 1; ; tries += 1) {
    const end = await ports.caps.settleRaise(incident.agentId, epoch, { token, ttlMs: ttlOf(ports), last });
    if (end !== "held") return end;
    const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
    const { outcome } = await toldCall(ports.incidents, incident.id, action, () =>
      ports.gateway.setBudget(incident.agentId, frozen, action, options),
    );
    if (outcome === "done") {
      await ports.caps.endLowering(incident.agentId, token);
      await ports.incidents.note(incident.id, "recover", "raise-undone", { outcome });
      return "undone";
    }
    if (tries === REFREEZE_TRIES)
      throw new TourniquetError("step-failed", `${incident.agentId} is held, and its caps are not 0 again yet`);
    await ports.clock.wait(REFREEZE_PAUSE_MS, abort);
  }
}

/** The gate is shut. What an earlier attempt sent under this name may have landed since, and be settled by nobody. */
async function undoEarlier(ports: RaisePorts, raise: Raise, abort: AbortSignal): Promise<RaiseEnd> {
  const { incident, action } = raise;
  const claim = await claimed(ports, raise);
  if (claim.answer === "busy")
    throw new TourniquetError("step-failed", `another request may still set the caps of ${incident.agentId}`);
  if (claim.answer !== "done") await ports.actions.finish(incident.agentId, action, claim.fence, "retry", {});
  if (claim.answer === "go") return "held";
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
  const isThere = shows(await ports.gateway.readBudget(incident.agentId, options), raise.caps);
  return isThere ? settle(ports, raise, abort) : "held";
}
