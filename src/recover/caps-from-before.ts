import type { Incidents } from "../incident/ports.ts";
import type { CapsSaid, Snapshot } from "../incident/snapshot.ts";
import { isMonthUnknown, type TwoCaps } from "../runbooks/caps-to-restore.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import { recordBudgetCap } from "../runbooks/steps/record-budget-cap.ts";
import type { FleetAgent } from "../settings/settings.ts";
import { capsText, isSame } from "./said-caps.ts";
import { capsBefore } from "./taken.ts";

export interface FromBefore {
  agentId: string;
  agent: FleetAgent | undefined;
  /** What of the budget is to be given back. */
  budget: Runbook["budget"];
  /** Null: nobody saw them. */
  known: Snapshot | null;
}

/** known: those that stand come back, or nothing was taken. keep: with the order, and in the very act that takes it. */
export type OnCaps = { answer: "known" } | { answer: "keep"; said: CapsSaid } | { answer: "refused"; why: string };

/**
 * The one rule for caps from before that a person says (G10): they count where nobody else can know them, or where a person said
 * those that stand and no raise of them began. Others than those that are known are refused and not dropped: who says them
 * believes that they come back.
 */
export function judgeSaid(from: FromBefore, said: TwoCaps | undefined): OnCaps {
  const { agentId, agent, known } = from;
  if (known === null) return judgeUnseen(from, said);
  const asksMonth = mustSayMonth(from);
  if (!said) return asksMonth ? refused(sayMonth(agentId)) : { answer: "known" };
  const keep: OnCaps = { answer: "keep", said: { ...said, insteadOf: known } };
  const before = capsBefore(known, agent);
  if (isSame(said, before)) return asksMonth ? keep : { answer: "known" };
  if (isReplaceable(known)) return keep;
  const isMonthOpen = asksMonth || (known.source === "month-said" && !known.raised);
  if (isMonthOpen && said.dailyCap === null) return keep;
  if (isMonthOpen) return refused(`${agentId} had no daily cap before: say "none" for it.`);
  return refused(
    `The caps of ${agentId} from before are known (${capsText(before)}) and come back: leave caps out, or say the same.`,
  );
}

/** A person said both, and may have been wrong. */
export const isReplaceable = ({ source, raised }: Snapshot): boolean => source === "said" && !raised;

/** The gateway showed no daily cap and never the month's: only a person can say what that was. */
export const mustSayMonth = ({ budget, known, agent }: FromBefore): boolean =>
  known !== null && budget === "freeze" && isMonthUnknown(known, agent);

function judgeUnseen({ agentId, budget }: FromBefore, said: TwoCaps | undefined): OnCaps {
  if (budget === "leave")
    return said ? refused(`The caps of ${agentId} were left as they are: leave caps out.`) : { answer: "known" };
  if (said) return { answer: "keep", said: { ...said, insteadOf: null } };
  return refused(
    `Nobody saw the caps of ${agentId} before the freeze: say what to restore, daily and monthly, each an amount or "none".`,
  );
}

const sayMonth = (agentId: string): string =>
  `${agentId} had no daily cap, and the gateway does not show its monthly one: say both as they were, daily and monthly, each an amount or "none".`;

const refused = (why: string): OnCaps => ({ answer: "refused", why });

/**
 * Containment begins by reading the caps: until that has come to an end, or the gateway has failed to show them once, nobody need
 * say what it may still find out.
 */
export async function areBeingRead(
  { incidents }: { incidents: Pick<Incidents, "view"> },
  id: string,
): Promise<boolean> {
  const view = await incidents.view(id);
  const isRead = view?.steps.some(({ step, status }) => step === recordBudgetCap.name && status === "done");
  return !isRead && !view?.timeline.some(({ what }) => what === "caps-unread");
}
