import type { AtRisk } from "../../incident/at-risk.ts";
import type { SumUp } from "../../incident/sum-up.ts";
import { isZero, moneyText } from "./money.ts";
import { counted } from "./names.ts";
import type { Tone } from "./tone.ts";

/** Whether something must be said of it: nothing is at risk only where that was counted. */
export function isAnyAtRisk({ atRisk, isCounted }: AtRisk): boolean {
  return !isCounted || (atRisk !== null && !isZero(atRisk));
}

/** "$900.00 at risk", "at least $900.00 at risk", "what is at risk is not counted yet": a zero only where it was counted. */
export function riskText({ atRisk, isCounted }: AtRisk): string {
  if (atRisk === null || isZero(atRisk))
    return isCounted ? "no money is at risk" : "what is at risk is not counted yet";
  return isCounted ? `${moneyText(atRisk)} at risk` : `at least ${moneyText(atRisk)} at risk`;
}

/** The five-second answer of the list: what is open, what runs out now, what is at risk, who is missing. */
export function overviewOf(all: SumUp): { tone: Tone; lead: string; rest: string } {
  const { open, risk, bleeding, unattended, dryRuns } = all;
  if (open === 0 && dryRuns.open === 0) return { tone: "ok", lead: "All quiet: no incident is open.", rest: "" };
  const dry = `${counted(dryRuns.open, "dry run is", "dry runs are")} open`;
  if (open === 0) return { tone: "warn", lead: `${dry}: nothing is being done`, rest: `, ${riskText(dryRuns.risk)}` };
  const bleeds =
    bleeding === 0 ? "" : `, ${bleeding === open ? (open === 1 ? "it is" : "all of them") : bleeding} bleeding`;
  const besides = dryRuns.open === 0 ? "" : `. Besides, ${dry}: nothing is being done there`;
  return {
    tone: toneOf(all),
    lead: `${counted(open, "incident is", "incidents are")} open${bleeds}`,
    rest: `, ${riskText(risk)}${unattended > 0 ? nobodyHas(unattended, open) : ""}${besides}`,
  };
}

function toneOf({ bleeding, risk, unattended }: SumUp): Tone {
  if (bleeding > 0 || (risk.atRisk !== null && !isZero(risk.atRisk))) return "danger";
  return unattended > 0 || !risk.isCounted ? "warn" : "hold";
}

function nobodyHas(unattended: number, open: number): string {
  if (open === 1) return ", and nobody has it";
  return unattended === open ? ", and nobody has any of them" : `, and nobody has ${unattended} of them`;
}
