import { isTransient, TourniquetError } from "../errors.ts";
import type { GatewayEvent } from "../incident/event.ts";
import type {
  Caps,
  Dispatch,
  Inbox,
  JobData,
  Log,
  StoredEvent,
  Verdicts,
  Windows,
  WindowView,
} from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import { type Settings, thresholdsFor } from "../settings/settings.ts";
import { readStored } from "./event.ts";
import { signalId } from "./events/signal-id.ts";
import { judge } from "./judge.ts";
import { callsForContainment, decide } from "./policy.ts";
import { escrowRules } from "./rules/index.ts";
import { groups } from "./rules/rule.ts";
import { windowSignals } from "./window-signals.ts";

export interface CorrelatePorts {
  inbox: Inbox;
  windows: Windows;
  verdicts: Verdicts;
  dispatch: Dispatch;
  caps: Caps;
  settings: Settings;
  log: Log;
}

export type CorrelateAnswer =
  | "no-event"
  | "decided-before"
  | "no-signal"
  | "alerted"
  | "recorded"
  | "handed-over"
  | "joined"
  | "quarantined";

/** Caps seen within this time are known (C1); the same bound the incident uses when it opens. */
const CAPS_FRESH_MS = 300_000;

/**
 * Judges one event by itself and by the windows it belongs to, and hands what must be contained to the freeze queue. Its
 * disposition is written here, unless a freeze job will: so an event stays pending until somebody answered for it (G2).
 */
export async function correlate(
  ports: CorrelatePorts,
  { eventId }: JobData["correlate"],
): Promise<{ answer: CorrelateAnswer }> {
  const stored = await ports.inbox.load(eventId);
  if (!stored) return { answer: "no-event" };
  if (stored.disposition) return { answer: "decided-before" };
  const event = readOrNull(stored);
  if (!event) {
    await ports.inbox.dispose(eventId, "quarantined", "not readable by this version");
    return { answer: "quarantined" };
  }
  const signals = [
    ...judge(event, thresholdsFor(ports.settings, event.agentId ?? "")),
    ...(await fromWindows(ports, event)),
  ];
  return answerFor(ports, event, signals);
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

/** Only an escrow that is open counts, once; later news about it changes no window here. */
async function fromWindows(ports: CorrelatePorts, event: GatewayEvent): Promise<Signal[]> {
  const { facts } = event;
  if (facts.kind !== "escrow" || facts.state !== "held" || facts.payer === null) return [];
  const agentId = facts.payer;
  const thresholds = thresholdsFor(ports.settings, agentId);
  const window = await ports.windows.observeEscrow(agentId, {
    escrowId: facts.escrowId,
    payee: facts.payee ?? "(not named)",
    amount: facts.amount ?? "0.00",
    at: event.occurredAt,
    eventId: event.id,
  });
  await learnCapsEarly(ports, event, window, thresholds.escrowBurst.identicalCount);
  return windowSignals(agentId, window, escrowRules, thresholds);
}

/** Half way to a burst: learn the caps now, so that the freeze, if it comes, is one round trip. */
async function learnCapsEarly(
  ports: CorrelatePorts,
  event: GatewayEvent,
  window: WindowView,
  identicalCount: number,
): Promise<void> {
  const run = groups(window.entries, (entry) => `${entry.payee} ${entry.amount}`)[0]?.length ?? 0;
  if (run < Math.ceil(identicalCount / 2) || window.openIncident) return;
  if (window.capsSeenAt !== null && event.receivedAt - window.capsSeenAt < CAPS_FRESH_MS) return;
  const agentId = event.agentId ?? "";
  const fiveMinutes = Math.floor(event.receivedAt / CAPS_FRESH_MS);
  await ports.dispatch.add("freeze", agentId, `caps-${signalId("budget-warning", agentId, String(fiveMinutes))}`, {
    seeCapsOf: agentId,
  });
}

async function answerFor(
  ports: CorrelatePorts,
  event: GatewayEvent,
  signals: readonly Signal[],
): Promise<{ answer: CorrelateAnswer }> {
  let handedOver = false;
  let first = false;
  let alerted = false;
  for (const signal of signals) {
    const answer = decide(signal, ports.settings.policy);
    ports.log.info(
      {
        eventId: event.id,
        agentId: signal.agentId,
        signal: signal.kind,
        severity: signal.severity,
        tier: answer.tier,
        reason: answer.reason,
      },
      "signal.decided",
    );
    if (callsForContainment(answer)) {
      // Sent in this order over one connection. The job has a fixed id and goes out even if the verdict was kept before:
      // whoever kept it may have died before adding it.
      const [kept] = await Promise.all([
        ports.verdicts.keep({ signal, decidedBy: answer.reason, eventId: event.id }),
        ports.dispatch.add("freeze", signal.agentId, `freeze-${signal.id}`, {
          eventId: event.id,
          agentId: signal.agentId,
          signalId: signal.id,
        }),
      ]);
      // Only the event that was kept with it stays pending until containment answers: also when this is its second attempt.
      first = kept.eventId === event.id || first;
      handedOver = true;
    } else if (answer.tier === "alert-human") {
      alerted = true;
      await ports.verdicts.keep({ signal, decidedBy: answer.reason });
      await ports.dispatch.add("notification", signal.agentId, `page-${signal.id}`, {
        agentId: signal.agentId,
        incidentId: null,
        signalId: signal.id,
        kind: "page",
        what: "signal",
      });
    }
  }
  if (handedOver && first) return { answer: "handed-over" };
  if (handedOver) {
    await ports.inbox.dispose(event.id, "joined", "the same trouble was handed over before");
    return { answer: "joined" };
  }
  const answer = alerted ? "alerted" : signals.length > 0 ? "recorded" : "no-signal";
  await ports.inbox.dispose(event.id, "ignored", answer);
  return { answer };
}
