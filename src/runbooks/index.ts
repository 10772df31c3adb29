import { TourniquetError } from "../errors.ts";
import type { SignalKind } from "../incident/signal.ts";
import { escrowExploitation } from "./escrow-exploitation.ts";
import { runawaySpending } from "./runaway-spending.ts";
import type { Runbook } from "./runbook.ts";

/** Every runbook. The first that handles a signal answers it; the first of all answers what none names. */
export const runbooks: readonly Runbook[] = [runawaySpending, escrowExploitation];

export function runbookFor(signal: SignalKind): Runbook {
  return runbooks.find((runbook) => runbook.handles.includes(signal)) ?? runawaySpending;
}

export function runbookNamed(name: string): Runbook {
  const found = runbooks.find((runbook) => runbook.name === name);
  if (!found)
    throw new TourniquetError(
      "internal",
      `no runbook named ${name}: an older version of this product may have opened the incident`,
    );
  return found;
}
