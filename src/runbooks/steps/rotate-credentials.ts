import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import { type AgentControl, isStranger } from "../../incident/agent-control.ts";
import type { ActionKey } from "../../incident/gateway.ts";
import { isCalledOff } from "../called-off.ts";
import { pageFailing } from "../rein-in.ts";
import type { Step, StepContext } from "../runbook.ts";

const LEASE_MARGIN_MS = 1_000;
/** Looks at what a rotation came to, within one attempt of the job; the queue looks again after that. */
const LOOKS = 4;
/** What it shows before the first call only helps to tell later: where it does not say at once, the rotation does not wait. */
const BEFORE_DEADLINE_MS = 1_000;

/**
 * appends: what the agent could read is worth nothing any more (C7, critical). Twice is not once, so it goes through the ledger
 * of actions and an unclear one is looked for before it is sent again (G7). One that was answered is never sent again, and is
 * done once the platform shows it. No undo: credentials stay rotated.
 */
export const rotateCredentials: Step = {
  name: "rotate-credentials",
  effect: "appends",
  urgent: false,
  lane: "agent",
  async run(context) {
    const { agentControl } = context.ports;
    if (!agentControl) return { byHand: "no agent control is configured: rotate its credentials by hand" };
    // The incident's id is one word of letters and digits, and of one epoch of one agent: it fits any header.
    return rotate(context, agentControl, `rotate:${context.incident.id}` as ActionKey);
  },
};

async function rotate(
  context: StepContext,
  control: AgentControl,
  action: ActionKey,
): Promise<Record<string, unknown>> {
  const { ports, incident, abort } = context;
  const { agentId } = incident;
  const { deadlineMs, inFlightBoundMs } = ports.limits;
  const claimedAt = performance.now();
  const leaseMs = 2 * deadlineMs + LEASE_MARGIN_MS;
  const claim = await ports.actions.claim(agentId, action, randomUUID(), leaseMs, inFlightBoundMs, incident.id);
  if (claim.answer === "done") return proved(context, control, action, claim.result);
  const finish = async (end: "done" | "retry", result: Record<string, unknown>) => {
    await ports.actions.finish(agentId, action, claim.answer === "busy" ? 0 : claim.fence, end, result);
    return result;
  };
  const before = await lastRotation(context, control, claim.answer === "go" ? BEFORE_DEADLINE_MS : deadlineMs);
  if (claim.answer !== "go" && before === action)
    return claim.answer === "busy" ? { observed: true } : finish("done", { observed: true });
  if (claim.answer === "busy") return look(context, control, action);
  // A process that slept for longer than this must not call any more: its call could outlive its lease (G12).
  if (performance.now() - claimedAt > deadlineMs) return rotate(context, control, action);
  if (await isCalledOff(context)) {
    await finish("retry", {});
    throw new TourniquetError("step-failed", "the incident is over or being stood down; no credentials are rotated");
  }
  const outcome = await control.rotateCredentials(agentId, action, { signal: abort });
  if (outcome.outcome === "done") {
    const answered = { rotated: outcome.value.rotated, ...(before !== undefined && { before }) };
    return proved(context, control, action, await finish("done", answered));
  }
  if (outcome.outcome === "unknown") {
    if ((await lastRotation(context, control, deadlineMs)) === action) return finish("done", { observed: true });
    return look(context, control, action);
  }
  await finish("retry", {});
  if (isStranger(outcome.error)) return { byHand: "agent control does not run it: rotate its credentials by hand" };
  await pageFailing(context);
  throw new TourniquetError("step-failed", `the credentials are not rotated yet: ${outcome.error.message}`);
}

/**
 * It was answered with yes, and a yes is a claim: done once the platform shows our key, or another one than before the call.
 * Throws where it shows neither, and a person hears of it: twice is not once, so it is not asked for again.
 */
async function proved(
  context: StepContext,
  control: AgentControl,
  action: ActionKey,
  { before, ...result }: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  if (result.observed === true) return result;
  const isNew = (last: string) => last === action || (before !== undefined && last !== before);
  const last = await lastRotation(context, control, context.ports.limits.deadlineMs);
  if ((typeof last === "string" && isNew(last)) || (await isSeen(context, control, isNew))) return result;
  await pageFailing(context);
  throw new TourniquetError(
    "step-failed",
    "the platform said that the credentials are rotated and does not show it in last_rotation: rotate them by hand; looking again",
  );
}

/** A rotation is out, ours or another worker's. */
async function look(context: StepContext, control: AgentControl, action: ActionKey): Promise<Record<string, unknown>> {
  if (await isSeen(context, control, (last) => last === action)) return { observed: true };
  throw new TourniquetError(
    "step-failed",
    "a rotation of the credentials is out and not to be seen yet; looking again",
  );
}

/** Reading is free of risk. */
async function isSeen(context: StepContext, control: AgentControl, isIt: (last: string) => boolean): Promise<boolean> {
  const { ports, abort } = context;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await ports.clock.wait(200 * 2 ** looks, abort);
    const last = await lastRotation(context, control, ports.limits.deadlineMs);
    if (typeof last === "string" && isIt(last)) return true;
  }
  return false;
}

/** Undefined where the state cannot be read: that shows nothing, either way. */
async function lastRotation(
  { ports, incident, abort }: StepContext,
  control: AgentControl,
  deadlineMs: number,
): Promise<string | null | undefined> {
  try {
    return (await control.readState(incident.agentId, { deadlineMs, signal: abort })).lastRotation;
  } catch (error) {
    abort.throwIfAborted();
    ports.log.warn({ agentId: incident.agentId, message: String(error) }, "agent-state.unread");
    return undefined;
  }
}
