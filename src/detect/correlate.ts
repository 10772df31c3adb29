import { isTransient, TourniquetError } from "../errors.ts";
import type { GatewayEvent } from "../incident/event.ts";
import type { Inbox, StoredEvent } from "../incident/inbox.ts";
import type { JobData } from "../incident/jobs.ts";
import type { Signal } from "../incident/signal.ts";
import { thresholdsFor } from "../settings/settings.ts";
import { type Answer, type AnswerPorts, answer } from "./answer.ts";
import { readStored } from "./event.ts";
import { believed } from "./hearsay.ts";
import { judge } from "./judge.ts";
import { observers } from "./observers/index.ts";
import type { ObservePorts } from "./observers/observer.ts";
import { RESPONDER, reportFailure } from "./watch/failure.ts";

export interface CorrelatePorts extends ObservePorts, AnswerPorts {
  inbox: Inbox;
}

export type CorrelateAnswer = Answer | "no-event" | "decided-before" | "quarantined";

/**
 * Judges one event by itself and by the windows it belongs to, and answers what that concludes. Its disposition is written
 * here, unless a freeze job will: so an event stays pending until somebody answered for it (G2).
 */
export async function correlate(
  ports: CorrelatePorts,
  { eventId }: Extract<JobData["correlate"], { eventId: string }>,
): Promise<{ answer: CorrelateAnswer }> {
  const stored = await ports.inbox.load(eventId);
  if (!stored) return { answer: "no-event" };
  if (stored.disposition) return { answer: "decided-before" };
  const event = readOrNull(stored);
  if (!event) {
    await reportUnreadable(ports, stored);
    await ports.inbox.dispose(eventId, "quarantined", "not readable by this version");
    return { answer: "quarantined" };
  }
  const concluded = await answer(ports, event, await conclude(ports, event));
  const { occurredAt } = event;
  if (concluded === "joined")
    await ports.inbox.dispose(eventId, "joined", "the same trouble was handed over before", occurredAt);
  else if (concluded !== "handed-over") await ports.inbox.dispose(eventId, "ignored", concluded, occurredAt);
  return { answer: concluded };
}

/** What anybody can write (the bus) enters no window: together with true events it would prove what they alone do not. */
async function conclude(ports: CorrelatePorts, event: GatewayEvent): Promise<readonly Signal[]> {
  const thresholds = thresholdsFor(ports.settings, event.agentId ?? "");
  if (event.source === "bus") return believed(event.source, judge(event, thresholds));
  const looking = observers.filter(({ kinds }) => kinds.includes(event.facts.kind));
  const observed = await Promise.all(looking.map((observer) => observer.observe(ports, event, thresholds)));
  return [...judge(event, thresholds), ...observed.flat()];
}

/** D13: it may have been the only warning. */
function reportUnreadable(ports: CorrelatePorts, stored: StoredEvent): Promise<void> {
  return reportFailure(ports, {
    agentId: stored.agentId ?? RESPONDER,
    check: "events",
    sentence: `An event of type ${stored.type} was accepted and this version cannot read it: it was kept in quarantine and judged by nobody.`,
    observed: { type: stored.type, source: stored.source },
    events: [stored.id],
    at: stored.receivedAt,
  });
}

/** What no attempt can read is kept in its record; anything else is for the queue to try again. */
function readOrNull(stored: StoredEvent): GatewayEvent | null {
  try {
    return readStored(stored);
  } catch (error) {
    if (error instanceof TourniquetError && !isTransient(error)) return null;
    throw error;
  }
}
