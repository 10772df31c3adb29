import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import { type AgentControl, isStranger } from "../../incident/agent-control.ts";
import type { ActionKey } from "../../incident/gateway.ts";
import { isCalledOff } from "../called-off.ts";
import { pageFailing } from "../rein-in.ts";
import type { Step, StepContext } from "../runbook.ts";

const LEASE_MARGIN_MS = 1_000;
/** Looks at what an unclear rotation came to, within one attempt of the job; the queue looks again after that. */
const LOOKS = 4;

/**
 * appends: what the agent could read is worth nothing any more (C7, critical). Twice is not once, so it goes through the ledger
 * of actions and an unclear one is looked for before it is sent again (G7). No undo: credentials stay rotated.
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
  const claim = await ports.actions.claim(agentId, action, randomUUID(), leaseMs, inFlightBoundMs);
  if (claim.answer === "done") return { ...claim.result };
  const finish = async (end: "done" | "retry", result: Record<string, unknown>) => {
    await ports.actions.finish(agentId, action, claim.answer === "busy" ? 0 : claim.fence, end, result);
    return result;
  };
  if (claim.answer !== "go" && (await isRotated(context, control, action)))
    return claim.answer === "busy" ? { observed: true } : finish("done", { observed: true });
  if (claim.answer === "busy") return look(context, control, action);
  // A process that slept for longer than this must not call any more: its call could outlive its lease (G12).
  if (performance.now() - claimedAt > deadlineMs) return rotate(context, control, action);
  if (await isCalledOff(context)) {
    await finish("retry", {});
    throw new TourniquetError("step-failed", "the incident is over or being stood down; no credentials are rotated");
  }
  const outcome = await control.rotateCredentials(agentId, action, { signal: abort });
  if (outcome.outcome === "done") return finish("done", { rotated: outcome.value.rotated });
  if (outcome.outcome === "unknown") {
    if (await isRotated(context, control, action)) return finish("done", { observed: true });
    return look(context, control, action);
  }
  await finish("retry", {});
  if (isStranger(outcome.error)) return { byHand: "agent control does not run it: rotate its credentials by hand" };
  await pageFailing(context);
  throw new TourniquetError("step-failed", `the credentials are not rotated yet: ${outcome.error.message}`);
}

/** A rotation is out, ours or another worker's. Reading is free of risk. */
async function look(context: StepContext, control: AgentControl, action: ActionKey): Promise<Record<string, unknown>> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await context.ports.clock.wait(200 * 2 ** looks, context.abort);
    if (await isRotated(context, control, action)) return { observed: true };
  }
  throw new TourniquetError(
    "step-failed",
    "a rotation of the credentials is out and not to be seen yet; looking again",
  );
}

/** A state that cannot be read shows nothing, either way. */
async function isRotated(
  { ports, incident, abort }: StepContext,
  control: AgentControl,
  action: ActionKey,
): Promise<boolean> {
  try {
    return (await control.readState(incident.agentId, { signal: abort })).lastRotation === action;
  } catch (error) {
    abort.throwIfAborted();
    ports.log.warn({ agentId: incident.agentId, message: String(error) }, "agent-state.unread");
    return false;
  }
}
