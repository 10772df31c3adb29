import { byHandOf } from "../../incident/by-hand.ts";
import type { IncidentView, TimelineEntry } from "../../incident/incident.ts";
import { isByOrder } from "../../incident/ordered.ts";
import { lasting, times } from "../../incident/plain-words.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { clockStart } from "./durations.ts";
import { count, list } from "./in-words.ts";
import { notDone, stepName } from "./step-words.ts";

type Effectiveness = PostMortem["effectiveness"];
type Timeline = PostMortem["timeline"];

/** F4: how well detection and containment did, and what failed meanwhile. */
export function effectivenessOf(incident: IncidentView, timeline: Timeline): Effectiveness {
  return { detection: detectionOf(incident, timeline), containment: containmentOf(incident, timeline) };
}

/** By the signal that opened the incident: what the others added came later. */
function detectionOf(incident: IncidentView, timeline: Timeline): Effectiveness["detection"] {
  const opening = incident.timeline.find(({ what }) => what === "incident-opened")?.detail.signal;
  const first = incident.signals.find(({ id }) => id === opening) ?? incident.signals[0];
  const eventsUntil = first?.why.events.length ?? 0;
  const ms = timeline.durations.detect.ms ?? 0;
  const more = Math.max(incident.signalCount, incident.signals.length) - 1;
  return {
    rule: first?.why.rule ?? "none",
    eventsUntil,
    firstAnomalyToDetectionMs: ms,
    text: [
      isByOrder(incident)
        ? "There was nothing to detect: it was an order for the whole fleet."
        : eventsUntil === 0
          ? `The rule ${first?.why.rule ?? "none"} found it without any event of the agent's own.`
          : `The rule ${first?.why.rule} found it with ${count(eventsUntil, "event")}, ${ms === 0 ? "at once" : `${lasting(ms)} after the first anomaly`}.`,
      ...(more > 0 ? [`${count(more, "more sign", "more signs")} of the same trouble followed.`] : []),
    ],
  };
}

function containmentOf(incident: IncidentView, timeline: Timeline): Effectiveness["containment"] {
  const of = (...results: string[]) => incident.escrows.filter(({ result }) => results.includes(result)).length;
  const escrows = {
    recovered: of("recovered"),
    lost: of("lost"),
    stillHeld: of("held", "failed"),
    leftAlone: of("skipped"),
  };
  const slipped = incident.timeline
    .filter(({ what }) => what === "hold-breached")
    .reduce((sum, { detail }) => sum + Number(detail.escrowsSwept ?? 0), 0);
  const failures = failuresOf(incident.timeline);
  const left = byHandOf(incident);
  const { reassertions: breaches, walletFrozenAt } = incident;
  return {
    escrows,
    breaches,
    escrowsSlippedPast: slipped,
    walletFrozen: walletFrozenAt !== null,
    failures,
    text: [
      ...freezeText(incident, timeline),
      timeline.sixtySeconds.why,
      ...(escrows.lost > 0
        ? [`${count(escrows.lost, "escrow")} had been paid out to the payee before the cancel came through.`]
        : []),
      ...(escrows.leftAlone > 0
        ? [
            `${count(escrows.leftAlone, "escrow was", "escrows were")} left alone: not part of the trouble, or not to be cancelled.`,
          ]
        : []),
      breaches === 0
        ? incident.containedAt === null
          ? ""
          : "Nobody got past the containment."
        : `Somebody got past the containment ${times(breaches)}${slipped > 0 ? `, and ${count(slipped, "escrow")} had to be taken back afterwards` : ""}.`,
      ...notDone(left),
      ...(walletFrozenAt === null ? [] : ["In the end the wallet itself was frozen."]),
      ...(failures.length === 0
        ? [left.length === 0 ? "No step failed." : "No step failed of those that could be done."]
        : [
            `Needed more than one try: ${list(failures.map(({ step, times }) => `${step.toLowerCase()} (${count(times, "failure")})`))}.`,
          ]),
    ].filter((line) => line !== ""),
  };
}

function freezeText(incident: IncidentView, { containedAt }: Timeline): string[] {
  const { requestedAt, effectiveAt, receivedAt } = incident;
  if (effectiveAt === null)
    return requestedAt === null || containedAt !== null ? [] : ["What was asked for was never seen to take effect."];
  return [`The agent was held back ${lasting(Math.max(0, effectiveAt - receivedAt))} after ${clockStart(incident)}.`];
}

/** What was tried and did not succeed at once, each step with how often and what it said last. */
function failuresOf(timeline: readonly TimelineEntry[]): Effectiveness["containment"]["failures"] {
  const named: Readonly<Record<string, string>> = {
    "freeze-unconfirmed": "freeze-budget",
    "caps-unread": "record-budget-cap",
    "wallet-not-frozen": "freeze the wallet",
  };
  const failed = timeline.flatMap((entry) => {
    const { what, detail, times } = entry.what === "failed-again" ? counted(entry) : { ...entry, times: 1 };
    const step = what === "step-failed" ? String(detail.step ?? "") : named[what];
    const said = String(detail.message ?? detail.error ?? "it gave no reason");
    return step ? [{ step: stepName(step), said, times }] : [];
  });
  return [...Map.groupBy(failed, ({ step }) => step)].map(([step, all]) => ({
    step,
    times: all.reduce((sum, one) => sum + one.times, 0),
    last: all.at(-1)?.said ?? "it gave no reason",
  }));
}

/** One line for many failures (redis/repeats.lua): what they were, the last of them, and how many. */
function counted({ detail: { of, last, answers } }: TimelineEntry) {
  const times = Object.values((answers ?? {}) as Record<string, number>).reduce((sum, one) => sum + one, 0);
  return { what: String(of), detail: (last ?? {}) as TimelineEntry["detail"], times };
}
