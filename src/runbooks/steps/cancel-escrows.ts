import { TourniquetError } from "../../errors.ts";
import { sumDollars } from "../../incident/dollars.ts";
import type { EscrowRecord } from "../../incident/incident.ts";
import { escrowsAre } from "../../incident/plain-words.ts";
import type { Runbook, Step, StepContext } from "../runbook.ts";
import { takeBack } from "../take-back.ts";

/** sets: no undo, a cancelled escrow stays cancelled. What can be cancelled comes back to the payer's wallet. */
export const cancelEscrows: Step = {
  name: "cancel-escrows",
  effect: "sets",
  urgent: false,
  run: (context) => cancel(context, "all"),
};

/** The same, for the escrows to the payee under suspicion only (RB2). */
export const cancelEscrowsToSuspect: Step = {
  name: "cancel-escrows-to-suspect",
  effect: "sets",
  urgent: false,
  run: (context) => cancel(context, "suspect-payee"),
};

async function cancel(context: StepContext, scope: Runbook["escrows"]): Promise<Record<string, unknown>> {
  const { failed } = await takeBack(context, scope);
  const records = [...(await context.ports.incidents.escrows(context.incident.id)).values()];
  const count = (result: string) => records.filter((record) => record.result === result).length;
  const report = {
    cancelled: count("recovered"),
    lost: count("lost"),
    failed: count("failed"),
    skipped: count("skipped"),
    dollarsUnlocked: sumDollars(records).recovered,
  };
  if (failed > 0)
    throw new TourniquetError("step-failed", `${escrowsAre(failed)} not cancelled yet: ${whyNot(records)}`, report);
  return report;
}

/** Each reason once, in the gateway's own words; at most three. */
function whyNot(records: readonly EscrowRecord[]): string {
  const reasons = [...new Set(records.filter(({ result }) => result === "failed").map(({ reason }) => reason))];
  return [...reasons.slice(0, 3), ...(reasons.length > 3 ? [`${reasons.length - 3} other reasons`] : [])].join("; ");
}
