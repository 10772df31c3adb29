import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery, Rung } from "../incident/recovery.ts";
import { CAPS_RAISED } from "../incident/relapse.ts";
import { compareWithRung } from "./compare-with-rung.ts";
import type { RecoverPorts } from "./ports.ts";
import { shownCap } from "./ramp.ts";
import type { Trouble } from "./relapse.ts";

export type Drift =
  | { caps: "equal" }
  | { caps: "above"; trouble: Trouble }
  | { caps: "below"; found: Record<string, unknown> };

/** How the caps at the gateway compare with those of this rung. */
export async function driftOf(
  ports: Pick<RecoverPorts, "gateway">,
  { agentId }: Incident,
  { rungs, raisesCaps, warned }: KeptRecovery,
  rung: number | null,
  abort: AbortSignal,
): Promise<Drift> {
  if (!raisesCaps || rung === null) return { caps: "equal" };
  const { caps, budget } = await compareWithRung(ports, agentId, rungs[rung]!, abort);
  if (caps === "equal") return { caps };
  const found = { dailyCap: shownCap(budget.dailyCap), monthlyCap: shownCap(budget.monthlyCap) };
  if (caps === "below") return { caps, found };
  const what = `${CAPS_RAISED} to ${capsText(found)}; at ${rungs[rung]!.percent} % it may have ${capsText(rungs[rung]!)}`;
  return { caps, trouble: { what, detail: found, warned } };
}

/** Both: whichever of the two was raised. */
const capsText = ({ dailyCap, monthlyCap }: Pick<Rung, "dailyCap" | "monthlyCap">): string =>
  `${dailyCap ?? "any amount"} a day and ${monthlyCap ?? "any amount"} a month`;
