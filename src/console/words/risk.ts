import type { AtRisk } from "../../incident/at-risk.ts";
import type { SumUp } from "./by-urgency.ts";
import { isZero, moneyText } from "./money.ts";
import { counted } from "./names.ts";
import type { Tone } from "./tone.ts";

/** Whether something must be said of it: nothing is at risk only where that was counted. */
export function isAnyAtRisk({ atRisk, isCounted }: AtRisk): boolean {
  return !isCounted || (atRisk !== null && !isZero(atRisk));
}

/** "$900.00 at risk", "at least $900.00 at risk", "what is at risk is not counted yet". */
export function riskText({ atRisk, isCounted }: AtRisk): string {
  if (atRisk === null) return isCounted ? "no money is at risk" : "what is at risk is not counted yet";
  if (isCounted && isZero(atRisk)) return "no money is at risk";
  return isCounted ? `${moneyText(atRisk)} at risk` : `at least ${moneyText(atRisk)} at risk`;
}

/** The five-second answer of the list: what is open, what runs out now, what is at risk, who is missing. */
export function overviewOf(all: SumUp, more: string): { tone: Tone; lead: string; rest: string } {
  const { open, risk, bleeding, unattended, dryRuns } = all;
  if (open === 0 && dryRuns.open === 0) return { tone: "ok", lead: "All quiet: no incident is open.", rest: "" };
  const dry = `${counted(dryRuns.open, "dry run is", "dry runs are")} open${more}`;
  if (open === 0) return { tone: "warn", lead: `${dry}: nothing is being done`, rest: `, ${riskText(dryRuns.risk)}` };
  const bleeds =
    bleeding === 0 ? "" : `, ${bleeding === open ? (open === 1 ? "it is" : "all of them") : bleeding} bleeding`;
  const besides = dryRuns.open === 0 ? "" : `. Besides, ${dry}: nothing is being done there`;
  return {
    tone: bleeding > 0 || (risk.atRisk !== null && !isZero(risk.atRisk)) ? "danger" : unattended > 0 ? "warn" : "hold",
    lead: `${counted(open, "incident is", "incidents are")} open${more}${bleeds}`,
    rest: `, ${riskText(risk)}${unattended > 0 ? nobodyHas(unattended, open) : ""}${besides}`,
  };
}

function nobodyHas(unattended: number, open: number): string {
  if (open === 1) return ", and nobody has it";
  return unattended === open ? ", and nobody has any of them" : `, and nobody has ${unattended} of them`;
}
