import { randomUUID } from "node:crypto";
import { isTransient, TourniquetError } from "../errors.ts";
import type { ActionKey, Escrow, EscrowState, Outcome } from "../incident/gateway.ts";
import { isCalledOff } from "./called-off.ts";
import { PROOF_DEADLINE_MS, type StepContext } from "./runbook.ts";

/**
 * again: the gateway pushed back for now, nothing happened. failed: it refuses, or never says, and the escrow is still held.
 * isOnlySeen: it is no doing of this call.
 */
export type CancelEnd =
  | { result: "recovered" | "lost" | "failed"; reason: string; isOnlySeen?: boolean }
  | { result: "again"; error: Error };

const LEASE_MARGIN_MS = 1_000;
const READ_TRIES = 5;
/** Calls without a clear answer after which one attempt gives its place back; each costs most of a minute of waiting. */
const UNCLEAR_TRIES = 3;
const REASON = "tourniquet-containment";

/**
 * Cancels one escrow so that the gateway can never refund it twice (G7). The gateway's cancel is not atomic: two that
 * overlap both pay out. So one claim anywhere, and after an unclear answer the escrow is read, not cancelled, until
 * either it shows what happened or the time in which the first request may still land is over.
 */
export async function cancelOnce(context: StepContext, escrow: Escrow): Promise<CancelEnd> {
  const { ports, incident, abort } = context;
  const { deadlineMs } = ports.limits;
  const action = actionOf(escrow);
  let unclear = 0;
  for (let reads = 0; ; ) {
    abort.throwIfAborted();
    // Whoever waits for an unclear answer waits for most of a minute: time enough for a person to call it off.
    if (reads > 0) await notCalledOff(context);
    const claimedAt = performance.now();
    const claim = await ports.actions.claim(
      incident.agentId,
      action,
      randomUUID(),
      2 * deadlineMs + LEASE_MARGIN_MS,
      ports.limits.inFlightBoundMs,
      incident.id,
    );
    if (claim.answer === "done") return seen(endOf(claim.result.state as EscrowState, "cancelled before"));
    if (claim.answer === "busy") {
      const seen = await watch(context, escrow, Math.min(claim.waitMs, pauseMs(reads++)));
      if (seen) return seen;
      continue;
    }
    const finish = (end: "done" | "retry", state: EscrowState) =>
      ports.actions.finish(incident.agentId, action, claim.fence, end, { state });
    if (claim.answer === "verify") {
      const state = await readClaimed(context, escrow, finish);
      if (state !== "held") return conclude(finish, state, "found so after an unclear answer");
      if (await isCalledOff(context)) {
        await finish("retry", "held");
        throw calledOff();
      }
    }
    // A process that slept, or read, for longer than this must not call any more: its call could outlive its lease (G12).
    if (performance.now() - claimedAt > deadlineMs) continue;
    const options = { deadlineMs, signal: abort, sendBy: claimedAt + deadlineMs };
    const outcome = await ports.gateway.cancelEscrow(incident.agentId, escrow.id, REASON, action, options);
    if (outcome.outcome === "done")
      return conclude(finish, await settledState(context, escrow, outcome.value.state), "cancelled");
    if (outcome.outcome === "not-done") return refused(context, escrow, outcome, finish);
    // unknown: the claim stays ours until its lease and the in-flight bound are over; the loop watches meanwhile, or the next attempt.
    unclear += 1;
    if (unclear === UNCLEAR_TRIES) return { result: "failed", reason: outcome.error.message };
  }
}

/** A cancelled escrow stays cancelled: none goes out for an incident that is over or being stood down. Throws step-failed then. */
export async function notCalledOff(context: StepContext): Promise<void> {
  if (await isCalledOff(context)) throw calledOff();
}

const calledOff = () =>
  new TourniquetError("step-failed", "the incident is over or being stood down; nothing more is cancelled");

/** What became of an escrow that is listed as held no more. Asks only: its claim is under a name we may not know here. */
export async function whatBecameOf(context: StepContext, escrow: Escrow): Promise<CancelEnd> {
  const state = await readState(context, escrow);
  return seen(
    endOf(state, "held no more when it was looked at again: cancelled by a try that was cut off, or by somebody else"),
  );
}

/** When it was opened belongs to the name: ids restart with a gateway's database, and a cancel done then is not one done now. */
function actionOf({ id, createdAt }: Escrow): ActionKey {
  return (createdAt === undefined ? `cancel:${id}` : `cancel:${id}:${createdAt}`) as ActionKey;
}

type Finish = (end: "done" | "retry", state: EscrowState) => Promise<boolean>;

async function conclude(finish: Finish, state: EscrowState, reason: string): Promise<CancelEnd> {
  const end = endOf(state, reason);
  await finish(end.result === "failed" ? "retry" : "done", state);
  return end;
}

/** The gateway certainly did nothing. Where it always will refuse, somebody else may have done it: the escrow tells (guarantees.md section 3). */
async function refused(
  context: StepContext,
  escrow: Escrow,
  outcome: Extract<Outcome<unknown>, { outcome: "not-done" }>,
  finish: Finish,
): Promise<CancelEnd> {
  const { error } = outcome;
  if (isTransient(error)) {
    await finish("retry", "held");
    return { result: "again", error };
  }
  const state = await readClaimed(context, escrow, finish);
  if (state !== "held") return conclude(finish, state, error.message);
  await finish("retry", "held");
  return { result: "failed", reason: error.message };
}

/** While it is claimed and certainly no cancel is out: one that cannot be read keeps nobody waiting for the claim's end. */
async function readClaimed(context: StepContext, escrow: Escrow, finish: Finish): Promise<EscrowState> {
  try {
    return await readState(context, escrow);
  } catch (error) {
    await finish("retry", "unknown");
    throw error;
  }
}

/** Reading is free of risk: wait a little, look, and say so if the escrow is no longer held. */
async function watch(context: StepContext, escrow: Escrow, waitMs: number): Promise<CancelEnd | null> {
  await context.ports.clock.wait(waitMs, context.abort);
  const state = await readState(context, escrow);
  return state === "held" || state === "unknown" ? null : seen(endOf(state, "found so while another request was out"));
}

/** A gateway that says yes without saying what became of it is asked. */
async function settledState(context: StepContext, escrow: Escrow, said: EscrowState): Promise<EscrowState> {
  return said === "refunded" || said === "expired" || said === "settled" ? said : readState(context, escrow);
}

/** Reads repeat freely: one that fails must not stop the other cancels, nor leave this one unread. */
async function readState({ ports, incident, abort }: StepContext, escrow: Escrow): Promise<EscrowState> {
  for (let tries = 1; ; tries += 1) {
    try {
      const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
      return (await ports.gateway.readEscrow(incident.agentId, escrow.id, options)).state;
    } catch (error) {
      if (tries === READ_TRIES || !isTransient(error)) throw error;
      await ports.clock.wait(pauseMs(tries), abort);
    }
  }
}

function endOf(state: EscrowState, reason: string): CancelEnd {
  if (state === "refunded" || state === "expired") return { result: "recovered", reason };
  if (state === "settled") return { result: "lost", reason: "released to the payee before we could cancel" };
  return { result: "failed", reason: `the gateway shows it as ${state}` };
}

const seen = (end: CancelEnd): CancelEnd => (end.result === "again" ? end : { ...end, isOnlySeen: true });

const pauseMs = (reads: number): number => Math.min(2_000, 200 * 2 ** reads);
