import type { ActionKey, BudgetCaps } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import type { Caps } from "../incident/ports.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import type { Raise } from "./raise.ts";
import { capIn } from "./ramp.ts";

/** The write of the rung that is pending; null where there is none, or nothing to write. */
export async function rungRaise(
  { caps }: { caps: Pick<Caps, "snapshot"> },
  { id, agentId }: Pick<Incident, "id" | "agentId">,
  recovery: KeptRecovery,
): Promise<Raise | null> {
  const { pending, rungs, epoch, rung, stepBacks, raisesCaps } = recovery;
  if (pending === null || epoch === null || !raisesCaps) return null;
  const { dailyCap, monthlyCap } = rungs[pending]!;
  const snapshot = await caps.snapshot(agentId, id);
  return {
    incident: { id, agentId },
    caps: {
      dailyCap: capIn(dailyCap),
      monthlyCap: capIn(monthlyCap),
      alertThreshold: snapshot?.alertThreshold,
    } satisfies BudgetCaps,
    epoch,
    // The same rung may be taken again after a step back.
    action: `raise:${id}:${epoch}:${pending}.${stepBacks}` as ActionKey,
    dueAt: rung !== null && pending > rung ? recovery.dueAt : null,
    last: null,
  };
}
