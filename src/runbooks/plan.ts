import type { Incident } from "../incident/incident.ts";
import { runbookNamed } from "./index.ts";
import type { Runbook, Step } from "./runbook.ts";

/** What one incident asks for: the union of the runbooks that its signals called for. */
export interface Plan extends Pick<Runbook, "budget" | "escrows" | "steps" | "followUp"> {
  /** The steps that freeze or restrain, worked ahead of everything slow. */
  urgent: readonly Step[];
  slow: readonly Step[];
  /** The slow ones again, those of one lane together: lanes do not wait for each other. */
  lanes: readonly (readonly Step[])[];
}

const strictestBudget = ["freeze", "halve", "leave"] as const;
const widestEscrows = ["all", "suspect-payee", "none"] as const;
/** What a stricter step of the same plan makes pointless. */
const subsumedBy: Readonly<Record<string, string>> = {
  "halve-budget": "freeze-budget",
  "cancel-escrows-to-suspect": "cancel-escrows",
  "restrict-to-read-only": "revoke-tools",
};

/** A signal that joins widens what is done, and never narrows it (C4). Steps of one name are one step. */
export function planOf({ runbooks }: Pick<Incident, "runbooks">): Plan {
  const named = runbooks.map(runbookNamed);
  const byName = new Map(named.flatMap(({ steps }) => steps.map((step) => [step.name, step] as const)));
  const steps = [...byName.values()].filter(({ name }) => !byName.has(subsumedBy[name] ?? ""));
  const slow = steps.filter(({ urgent }) => !urgent);
  return {
    steps,
    urgent: steps.filter(({ urgent }) => urgent),
    slow,
    lanes: [...new Set(slow.map(({ lane }) => lane))].map((lane) => slow.filter((step) => step.lane === lane)),
    budget: strictestBudget.find((budget) => named.some((runbook) => runbook.budget === budget)) ?? "leave",
    escrows: widestEscrows.find((escrows) => named.some((runbook) => runbook.escrows === escrows)) ?? "none",
    followUp: [...new Set(named.flatMap(({ followUp }) => followUp))],
  };
}
