import type { IncidentView, Phase } from "../../incident/incident.ts";
import { isByOrder } from "../../incident/ordered.ts";
import { lasting, times as often } from "../../incident/plain-words.ts";
import type { PostMortem, PostMortemEntry } from "../../incident/post-mortem.ts";
import { type GateName, gates } from "../../incident/recovery.ts";
import { planOf } from "../../runbooks/plan.ts";
import { deadlineVerdict, detectedAt, durationsOf, sixtySeconds } from "./durations.ts";
import { type GatewayClock, inStep } from "./gateway-clock.ts";
import { iso } from "./in-words.ts";
import { checked, inGeneral, timelineWords } from "./timeline-words.ts";

/** More than this nobody reads; those in the middle are left out and counted. */
const MOST_ENTRIES = 300;

interface Moment {
  at: number;
  phase: Phase;
  what: string;
  text: string;
  step?: string;
}

/** F3: from the first anomaly to the end, in order. `now` in milliseconds since 1970, for what is not over. */
export function timelineOf(
  incident: IncidentView,
  firstAnomalyAt: number,
  now: number,
  clock: GatewayClock = inStep,
): PostMortem["timeline"] {
  const moments = [...derived(incident, firstAnomalyAt), ...recorded(incident)];
  const inOrder = moments
    .map((moment, index) => ({ moment, index }))
    .sort((a, b) => a.moment.at - b.moment.at || a.index - b.index);
  const { entries, leftOut } = bounded(merged(inOrder.map(({ moment }) => moment)));
  return {
    firstAnomalyAt: iso(firstAnomalyAt),
    detectedAt: iso(detectedAt(incident)),
    freezeRequestedAt: iso(incident.requestedAt),
    effectiveAt: iso(incident.effectiveAt),
    containedAt: iso(incident.containedAt),
    acknowledgedAt: iso(incident.acknowledged?.at ?? null),
    closedAt: iso(incident.closedAt),
    durations: durationsOf(incident, firstAnomalyAt, clock),
    sixtySeconds: sixtySeconds(incident, now),
    deadline: deadlineVerdict(incident, now),
    entries,
    leftOut,
  };
}

const asked = {
  freeze: "The gateway was asked to freeze the budget.",
  halve: "The gateway was asked to reduce the budget.",
  leave: "What runs the agent was asked to hold it back.",
} as const;
const inEffect = {
  freeze: "The freeze took effect: the agent could spend no more.",
  halve: "The smaller budget took effect.",
  leave: "The agent was held back.",
} as const;

const detected = ({ signals, observedFrom }: IncidentView): string => {
  const how = signals.some(({ why }) => why.events.length > 0)
    ? "The event arrived that proved it."
    : "It was concluded.";
  return `${how} ${observedFrom === null ? "From here the clock counts." : "It was a dry run, and only watched."}`;
};

/** What no line of the timeline says: times that stand in the incident itself. */
function derived(incident: IncidentView, firstAnomalyAt: number): Moment[] {
  const has = (what: string) => incident.timeline.some((entry) => entry.what === what);
  const isTold = (gate: GateName) =>
    incident.timeline.some(({ detail }) => detail.gate === gate && detail.passed === true);
  const { receivedAt, requestedAt, effectiveAt, acknowledged, recovery } = incident;
  const { budget } = planOf(incident);
  const moment = (at: number | null, phase: Phase, what: string, text: string): Moment[] =>
    at === null || has(what) ? [] : [{ at, phase, what, text }];
  return [
    ...(isByOrder(incident)
      ? moment(receivedAt, "detect", "detected", "The order reached this agent. From here the clock counts.")
      : [
          ...moment(firstAnomalyAt, "detect", "first-anomaly", "The first event of this trouble happened."),
          ...moment(detectedAt(incident), "detect", "detected", detected(incident)),
          ...moment(
            incident.observedFrom && receivedAt,
            "detect",
            "acted-on",
            "What arrived now is acted on: the dry run ends here. From here the clock counts.",
          ),
        ]),
    ...moment(requestedAt, "contain", "freeze-requested", asked[budget]),
    ...moment(effectiveAt, "contain", "freeze-effective", inEffect[budget]),
    ...moment(acknowledged?.at ?? null, "contain", "acknowledged", `${acknowledged?.by ?? ""} took the incident on.`),
    ...moment(
      recovery?.askedAt ?? null,
      "recover",
      "recovery-asked",
      `${recovery?.by ?? ""} asked to bring the agent back.`,
    ),
    ...gates
      .filter((gate) => !isTold(gate))
      .flatMap((gate) =>
        moment(
          recovery?.gates[gate]?.at ?? null,
          "recover",
          `gate-${gate}`,
          checked(gate, recovery?.gates[gate]?.found),
        ),
      ),
  ];
}

function recorded(incident: IncidentView): Moment[] {
  return incident.timeline.flatMap((entry) => {
    const words = timelineWords[entry.what];
    const text = words ? words(entry.detail, incident) : inGeneral(entry);
    const step = entry.what === "step-done" ? { step: String(entry.detail.step ?? "") } : {};
    return text === null ? [] : [{ at: entry.at, phase: entry.phase, what: entry.what, text, ...step }];
  });
}

/** The same said several times in a row is said once, with how often and how long. */
function merged(moments: readonly Moment[]): PostMortemEntry[] {
  const runs: { first: Moment; last: Moment; times: number }[] = [];
  for (const moment of moments) {
    // Evidence may be kept between two looks at the same containment.
    const run = moment.what === "contained" ? runs.findLast(({ first }) => first.phase !== "learn") : runs.at(-1);
    if (run && run.first.text === moment.text) {
      run.last = moment;
      run.times += 1;
    } else runs.push({ first: moment, last: moment, times: 1 });
  }
  return runs.map(({ first, last, times }) => ({
    at: iso(first.at),
    phase: first.phase,
    what: first.what,
    ...(first.step !== undefined && { step: first.step }),
    text: times === 1 ? first.text : `${first.text} ${repeated(first, times, last.at)}`,
  }));
}

/** Without a time of the clock: who shows it may show local ones. */
const repeated = ({ what, at }: Moment, n: number, lastAt: number): string =>
  what === "contained"
    ? `Read back ${often(n)}.`
    : `(${often(n)}${lastAt > at ? ` within ${lasting(lastAt - at)}` : ""})`;

function bounded(entries: readonly PostMortemEntry[]): { entries: PostMortemEntry[]; leftOut: number } {
  if (entries.length <= MOST_ENTRIES) return { entries: [...entries], leftOut: 0 };
  const half = MOST_ENTRIES / 2;
  return {
    entries: [...entries.slice(0, half), ...entries.slice(-half)],
    leftOut: entries.length - MOST_ENTRIES,
  };
}
