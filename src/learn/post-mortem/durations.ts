import { deadlineMs } from "../../incident/deadline.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { isByOrder } from "../../incident/ordered.ts";
import { lasting } from "../../incident/plain-words.ts";
import type { PostMortem, TimeVerdict } from "../../incident/post-mortem.ts";

import { type GatewayClock, inStep } from "./gateway-clock.ts";

/** Mission C: from detection to contained. */
export const RULE_MS = 60_000;

type Durations = PostMortem["timeline"]["durations"];

/**
 * F3: when the first event behind the signals happened, by its own word, and never after we heard of it. Milliseconds since 1970.
 */
export function firstAnomalyOf(incident: IncidentView, timesOfEvents: readonly number[]): number {
  const times = incident.signals.map(({ occurredAt, startedAt }) => startedAt ?? occurredAt);
  return Math.min(detectedAt(incident), ...times, ...timesOfEvents);
}

/** When we first heard of it, also where it was only watched then. */
export const detectedAt = ({ observedFrom, receivedAt }: IncidentView): number => observedFrom ?? receivedAt;

/** What its clocks count from, in words. */
export const clockStart = ({ observedFrom }: IncidentView): string =>
  observedFrom === null ? "detection" : "the dry run ended";

/** How long each phase took. Where one has no end yet, or never had one, it says so. */
export function durationsOf(incident: IncidentView, firstAnomalyAt: number, clock: GatewayClock = inStep): Durations {
  const { receivedAt, containedAt, closedAt, supersededBy, standDown, recovery } = incident;
  const isTimed = clock.isKnown || isByOrder(incident);
  const detect = isTimed ? detectedAt(incident) - firstAnomalyAt : null;
  const contain = containedAt === null ? null : Math.max(0, containedAt - receivedAt);
  const total = closedAt === null || !isTimed ? null : Math.max(0, closedAt - firstAnomalyAt);
  const recover = closedAt === null || containedAt === null ? null : Math.max(0, closedAt - containedAt);
  const recoverWhy =
    recover === null
      ? (notContained(incident) ?? "It is not over yet.")
      : supersededBy !== null
        ? `Until ${supersededBy} took its place; the agent was not back to normal by then.`
        : standDown
          ? isByOrder(incident)
            ? "From contained until the agent was released."
            : "From contained until the false alarm was undone."
          : recovery
            ? "From contained until the agent was back to normal."
            : "From contained until it was closed.";
  return {
    detect: {
      ms: detect,
      why: !isTimed
        ? `Not known. ${clock.said}`
        : isByOrder(incident)
          ? "From the order until it reached this agent."
          : "From the first anomaly until it was detected.",
    },
    contain: {
      ms: contain,
      why: notContained(incident) ?? `From ${fromWhen(incident)} until the containment was read back.`,
    },
    recover: { ms: recover, why: recoverWhy },
    total: {
      ms: total,
      why:
        closedAt === null
          ? "It is not over yet."
          : !isTimed
            ? `Not known. ${clock.said}`
            : `From the ${isByOrder(incident) ? "order" : "first anomaly"} until it was closed.`,
    },
  };
}

function fromWhen({ observedFrom, receivedAt }: IncidentView): string {
  if (observedFrom === null) return "detection";
  return `the end of the dry run, as which it was only watched for ${lasting(Math.max(0, receivedAt - observedFrom))},`;
}

/** Why it was never contained, or null where it was. */
function notContained({ containedAt, dryRun, standDown, closedAt }: IncidentView): string | null {
  if (containedAt !== null) return null;
  if (dryRun) return "It was a dry run: nothing was contained.";
  if (standDown) return "A person called it off before it was contained.";
  return closedAt === null ? "It is not contained yet." : "It was closed without having been contained.";
}

/** The 60 s rule, from detection to contained: 60 s sharp keep it. */
export function sixtySeconds(incident: IncidentView, now: number): TimeVerdict {
  return judge(incident, RULE_MS, (ms) => ms <= RULE_MS, now);
}

/** P2: the deadline of its priority, to be undercut (incident/deadline.ts). */
export function deadlineVerdict(incident: IncidentView, now: number): TimeVerdict {
  const limitMs = deadlineMs[incident.priority];
  return judge(incident, limitMs, (ms) => ms < (limitMs ?? Number.POSITIVE_INFINITY), now);
}

function judge(
  incident: IncidentView,
  limitMs: number | null,
  isWithin: (ms: number) => boolean,
  now: number,
): TimeVerdict {
  const { containedAt, receivedAt, standDown, closedAt, dryRun, priority } = incident;
  const none = (why: string): TimeVerdict => ({ limitMs, tookMs: null, verdict: "not-judged", why });
  if (dryRun) return none("It was a dry run: nothing was to be contained.");
  if (limitMs === null) return none(`An incident of ${priority} has no deadline.`);
  if (containedAt !== null) {
    const tookMs = Math.max(0, containedAt - receivedAt);
    const isKept = isWithin(tookMs);
    const why = `Contained ${lasting(tookMs)} after ${clockStart(incident)}, ${isKept ? "within" : "after"} the ${lasting(limitMs)} allowed.`;
    return { limitMs, tookMs, verdict: isKept ? "kept" : "missed", why };
  }
  const calledOffAt = standDown?.askedAt ?? closedAt;
  const ranMs = Math.max(0, (calledOffAt ?? now) - receivedAt);
  const isLate = !isWithin(ranMs);
  if (calledOffAt === null)
    return isLate
      ? {
          limitMs,
          tookMs: null,
          verdict: "missed",
          why: `Still not contained ${lasting(ranMs)} after ${clockStart(incident)}.`,
        }
      : {
          limitMs,
          tookMs: null,
          verdict: "open",
          why: `Not contained yet, ${lasting(ranMs)} after ${clockStart(incident)}.`,
        };
  const calledOff = standDown ? "called off by a person" : "closed";
  if (!isLate)
    return none(`It was ${calledOff} after ${lasting(ranMs)}, before the limit and before it was contained.`);
  const why = `It was ${calledOff} after ${lasting(ranMs)} and was not contained by then.`;
  return { limitMs, tookMs: null, verdict: "missed", why };
}
