import type { Disposition } from "./event.ts";
import type { Inbox } from "./inbox.ts";
import type { KeptVerdict } from "./verdict.ts";

const withoutConsequence: readonly Disposition[] = ["stale", "ignored"];

/** Why nothing followed from a verdict that called for containment, in words; null where something did, or still may. */
export async function whyNotActedOn(inbox: Pick<Inbox, "load">, verdict: KeptVerdict): Promise<string | null> {
  const { tier, incidentId, eventId } = verdict;
  if (tier === null || tier === "alert-human" || incidentId !== null || eventId === undefined) return null;
  const event = await inbox.load(eventId);
  if (!event?.disposition || !withoutConsequence.includes(event.disposition)) return null;
  return `${event.disposition}: ${event.reason ?? "no reason is recorded"}`;
}
