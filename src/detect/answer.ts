import { countsForCascade } from "../incident/cascade.ts";
import type { GatewayEvent } from "../incident/event.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Log } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import type { Verdicts } from "../incident/verdict.ts";
import { type Settings, thresholdsFor } from "../settings/settings.ts";
import { combined } from "./combined.ts";
import { callsForContainment, type PolicyAnswer } from "./policy.ts";
import { type RespondPorts, respond } from "./respond.ts";

export interface AnswerPorts extends RespondPorts {
  verdicts: Verdicts;
  dispatch: Dispatch;
  settings: Settings;
  log: Log;
}

/** What became of what an event concluded; the strongest of its signals says it. */
export type Answer = "no-signal" | "recorded" | "alerted" | "handed-over" | "joined";

/**
 * Decides every signal by policy, keeps it with the line that decided, and hands over: containment to the freeze queue, a
 * warning to a person. handed-over: a freeze job answers for this event; joined: for the same trouble another event's does.
 * event null: no event of a sender is behind it, such as a check of ours that failed (D13).
 */
export async function answer(
  ports: AnswerPorts,
  event: Pick<GatewayEvent, "id"> | null,
  signals: readonly Signal[],
): Promise<Answer> {
  const answers: Answer[] = [];
  for (const signal of signals) {
    answers.push(await answerOne(ports, event, signal));
    const { windowMs } = thresholdsFor(ports.settings, signal.agentId).combined;
    for (const stronger of await combined(ports.verdicts, signal, windowMs))
      answers.push(await answerOne(ports, event, stronger));
  }
  return strongest.find((one) => answers.includes(one)) ?? "no-signal";
}

const strongest: readonly Answer[] = ["handed-over", "joined", "alerted", "recorded"];

async function answerOne(
  ports: AnswerPorts,
  event: Pick<GatewayEvent, "id"> | null,
  concluded: Signal,
): Promise<Answer> {
  const { signal, policy } = await respond(ports, concluded);
  logDecision(ports, event, signal, policy);
  const verdict = { signal, tier: policy.tier, decidedBy: policy.reason };
  if (callsForContainment(policy)) {
    // Sent in this order over one connection. The job has a fixed id and goes out even if the verdict was kept before:
    // whoever kept it may have died before adding it.
    const [kept] = await Promise.all([
      ports.verdicts.keep({ ...verdict, ...(event && { eventId: event.id }) }),
      ports.dispatch.add("freeze", signal.agentId, `freeze-${signal.id}`, {
        eventId: event?.id ?? null,
        agentId: signal.agentId,
        signalId: signal.id,
      }),
    ]);
    // Only the event that was kept with it stays pending until containment answers: also when this is its second attempt.
    return kept.eventId === event?.id ? "handed-over" : "joined";
  }
  await ports.verdicts.keep(verdict);
  if (policy.tier === null) return "recorded";
  const { agentId, id: signalId } = signal;
  const page = { agentId, incidentId: null, signalId, kind: "page", what: "signal" } as const;
  await Promise.all([
    ports.dispatch.add("notification", agentId, `page-${signalId}`, page),
    countsForCascade(verdict) && ports.dispatch.add("correlate", agentId, `cascade-${signalId}`, { agentId, signalId }),
  ]);
  return "alerted";
}

function logDecision(
  { log }: AnswerPorts,
  event: Pick<GatewayEvent, "id"> | null,
  signal: Signal,
  { tier, reason }: PolicyAnswer,
): void {
  const { agentId, kind, severity } = signal;
  log.info({ eventId: event?.id, agentId, signal: kind, severity, tier, reason }, "signal.decided");
}
