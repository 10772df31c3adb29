import type { Outcome } from "./gateway.ts";

/** Whoever can say something in an incident's ledger alone: Incidents. */
export interface LedgerVoice {
  tell(incidentId: string, what: string, detail: Record<string, unknown>): Promise<void>;
}

/**
 * A call that no claim tells of (Actions.claim does for its own): the ledger says that it goes out, and what it came to. One that
 * was cut off has no answer there, which is the truth.
 */
export async function toldCall<T>(
  incidents: LedgerVoice,
  incidentId: string,
  action: string,
  send: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  await incidents.tell(incidentId, "call-sent", { action });
  const outcome = await send();
  await incidents.tell(incidentId, "call-answered", answerOf(action, outcome));
  return outcome;
}

export function answerOf(action: string, outcome: Outcome<unknown>): Record<string, unknown> {
  return outcome.outcome === "done"
    ? { action, outcome: "done" }
    : { action, outcome: outcome.outcome, code: outcome.error.code, message: outcome.error.message };
}
