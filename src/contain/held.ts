import type { Incident, StepView } from "../incident/incident.ts";
import { planOf } from "../runbooks/plan.ts";
import { freezeBudget } from "../runbooks/steps/freeze-budget.ts";
import { halveBudget } from "../runbooks/steps/halve-budget.ts";
import { restrictToReadOnly } from "../runbooks/steps/restrict-to-read-only.ts";

/** halved: the daily budget. restricted: by what runs the agent; its budget is untouched. */
export type Held = "frozen" | "halved" | "restricted";

/**
 * What an incident is known to have done to its agent, the strictest; null: nothing yet, or nothing that holds it back. By its
 * receipts, step name -> result: an incident may have begun with less than it asks for now.
 */
export function heldBy(incident: Incident, done: ReadonlyMap<string, StepView["result"]>): Held | null {
  if (incident.dryRun || incident.status === "recovering") return null;
  const { budget, steps } = planOf(incident);
  // Read-back can know of a freeze that its own step could not report yet.
  const isReadBack = incident.effectiveAt !== null && !done.has(halveBudget.name) && !done.has(restrictToReadOnly.name);
  if (budget === "freeze" && (done.has(freezeBudget.name) || isReadBack)) return "frozen";
  if (typeof done.get(halveBudget.name)?.dailyCap === "string") return "halved";
  const isRestricted = steps.some(
    ({ name, lane }) => lane === "agent" && done.has(name) && done.get(name)?.byHand === undefined,
  );
  return isRestricted ? "restricted" : null;
}
