import { TourniquetError } from "../errors.ts";
import { type AgentControl, freerThan, isStranger, type Reins, setRein, strictest } from "../incident/agent-control.ts";
import { type Ask, asks, before, belongs, isHeldBy } from "../incident/reins.ts";
import { toldCall } from "../incident/told-call.ts";
import { isCalledOff } from "./called-off.ts";
import type { StepContext } from "./runbook.ts";

export interface ReinIn {
  agentId: string;
  ask: Ask;
  why: string;
  /** What a person has to do where nothing can be asked: "pause it". */
  byHand: string;
}

/**
 * Asks one thing of one agent, absolute and therefore repeated at will. The mark goes first: from then on whoever takes back
 * something else keeps this, and a stand-down finds it even if we die before the answer. Answers what its receipt keeps;
 * throws where the platform has not done it.
 */
export async function reinIn(context: StepContext, asked: ReinIn): Promise<Record<string, unknown>> {
  const { ports, incident } = context;
  const { agentId, ask, why } = asked;
  const { rein } = asks[ask];
  if (!ports.agentControl) return { byHand: `no agent control is configured: ${asked.byHand} by hand` };
  const startedAt = performance.now();
  const marked = await ports.marks.on("agent", agentId);
  const state = await stateNow(context, ports.agentControl, agentId);
  if (state === "stranger") return { byHand: `agent control does not run it: ${asked.byHand} by hand` };
  // Those from before the look too: what one asked that was called off meanwhile is neither how it was before nor how it is now.
  const earlier = await ports.marks.on("agent", agentId);
  const known = [...earlier, ...marked];
  const was = before(known, rein) ?? (state && !isHeldBy(known, rein) ? { [rein]: state[rein] } : undefined);
  const isSeen = state !== undefined && marked.length <= earlier.length;
  const mark = {
    incidentId: incident.id,
    what: ask,
    why,
    before: was && JSON.stringify(was),
    at: await ports.clock.now(),
  };
  if (!(await ports.marks.leave("agent", agentId, mark)))
    throw new TourniquetError(
      "step-failed",
      "the incident is over or being stood down; nothing more is asked of agents",
    );
  const to = belongs(await ports.marks.on("agent", agentId));
  // Held up for longer than a call may take, it must ask again whether it still may (G12).
  if (performance.now() - startedAt > 2 * ports.limits.deadlineMs) return reinIn(context, asked);
  if (!isSeen || freerThan(to, state).includes(rein)) {
    const refused = await set(context, ports.agentControl, agentId, ask, to, was);
    if (refused) return { byHand: `agent control does not run it: ${asked.byHand} by hand` };
  }
  return { [rein]: to[rein], before: was === undefined ? "not seen" : Object.values(was)[0] };
}

/** Undefined where it could not be read: that is no reason to wait with what stops the agent. */
async function stateNow(
  { ports, abort }: StepContext,
  control: AgentControl,
  agentId: string,
): Promise<Reins | "stranger" | undefined> {
  try {
    return await control.readState(agentId, { signal: abort });
  } catch (error) {
    abort.throwIfAborted();
    if (error instanceof TourniquetError && isStranger(error)) return "stranger";
    ports.log.warn({ agentId, message: String(error) }, "agent-state.unread");
    return undefined;
  }
}

/** True where the platform says that it does not run this agent. */
async function set(
  context: StepContext,
  control: AgentControl,
  agentId: string,
  ask: Ask,
  to: Reins,
  was: Partial<Reins> | undefined,
): Promise<boolean> {
  const { ports, incident, abort } = context;
  const { rein } = asks[ask];
  const call = `rein:${rein}:${agentId}`;
  const outcome = await toldCall(ports.incidents, incident.id, call, () =>
    setRein(control, agentId, rein, to, { signal: abort }),
  );
  // A stand-down that came while our word was on its way has put the agent back before it landed; nobody else would again.
  if (outcome.outcome !== "not-done" && (await isCalledOff(context))) {
    const belongsNow = strictest(belongs(await ports.marks.on("agent", agentId)), was ?? {});
    await toldCall(ports.incidents, incident.id, `${call}:undone`, () =>
      setRein(control, agentId, rein, belongsNow, { signal: abort }),
    );
    throw new TourniquetError("step-failed", "the incident was called off; the agent is put back");
  }
  if (outcome.outcome === "done") return false;
  if (outcome.outcome === "not-done" && isStranger(outcome.error)) {
    await ports.marks.forget("agent", agentId, { incidentId: incident.id, what: ask });
    return true;
  }
  abort.throwIfAborted();
  await pageFailing(context);
  throw new TourniquetError("step-failed", `${agentId} is not held back yet: ${outcome.error.message}`);
}

/** What stops an agent that was breached is as urgent as its freeze: a person hears of the first failure. */
export async function pageFailing({ ports, incident }: StepContext): Promise<void> {
  const data = { agentId: incident.agentId, incidentId: incident.id, signalId: null, kind: "page" } as const;
  const what = "agent-control-failing";
  await ports.dispatch.add(
    "notification",
    incident.id,
    `page-${incident.id}-${what}`,
    { ...data, what },
    { forgotten: true },
  );
}
