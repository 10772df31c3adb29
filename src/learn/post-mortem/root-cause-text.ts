import { isByOrder } from "../../incident/ordered.ts";
import { dollars, utc } from "../../incident/plain-words.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { RELAPSE } from "../../incident/relapse.ts";
import { count, list } from "./in-words.ts";
import { isAmount } from "./kinds-in-words.ts";
import { bullets, plain } from "./markdown.ts";

/** What was wrong, in whose words, and what detection saw of it. */
export function rootCauseText({ rootCause: { said, falseAlarm, seen, cascade, decidedBy } }: PostMortem): string {
  return [
    "## Root cause",
    ...(said ? [bullets([`Said by ${said.by}: ${said.rootCause}`, `Fix: ${said.fix}`])] : []),
    ...(falseAlarm ? [bullets([`False alarm, says ${falseAlarm.by}: ${falseAlarm.reason}`])] : []),
    ...(said === null && falseAlarm === null ? [unnamed(seen)] : []),
    ...(cascade
      ? [
          `Part of cascade ${plain(cascade.id)}, which began with ${plain(cascade.rootCause)} (${plain(cascade.why)}):`,
          bullets(
            cascade.members.map(
              (one) =>
                `${one.agentId}: ${list(one.signals)}${one.incidentId === null ? "" : `, incident ${one.incidentId}`}`,
            ),
          ),
        ]
      : []),
    isByOrder({ signals: seen }) ? "The order:" : "What detection saw:",
    bullets([...Map.groupBy(seen, ({ kind }) => kind).values()].map(seenOf)),
    `What to do was decided by: ${plain(decidedBy)}.`,
  ].join("\n\n");
}

type Seen = PostMortem["rootCause"]["seen"][number];

const unnamed = (seen: readonly Seen[]): string =>
  isByOrder({ signals: seen })
    ? "None in this agent: it was frozen by an order for the whole fleet."
    : "Nobody has named the root cause so far.";

/** Signals of one kind: the first in full, of the rest how many and until when. */
function seenOf(all: readonly Seen[]): string {
  const [one] = all as readonly [Seen, ...Seen[]];
  const facts = (heading: string, values: Seen["baseline"]) => {
    const told = Object.entries(values ?? {}).map(
      ([key, value]) => `${key} ${isAmount(value) ? dollars(value) : value}`,
    );
    return told.length === 0 ? [] : [`${heading}: ${told.join(", ")}.`];
  };
  const last = all.reduce((newest, { at }) => (at > newest ? at : newest), one.at);
  return [
    one.sentence,
    `(${one.rule === RELAPSE ? "" : `${one.kind}, `}${one.severity}, ${utc(one.at)}; rule ${one.rule}, version ${one.ruleVersion}.)`,
    ...facts("Thresholds", one.thresholds),
    ...facts("Observed", one.observed),
    ...facts("Baseline", one.baseline),
    ...(one.events.length === 0
      ? []
      : [
          `${count(one.events.length, "event")}: ${one.events[0]}${one.events.length > 1 ? ` to ${one.events.at(-1)}` : ""}.`,
        ]),
    ...(all.length > 1 ? [`${all.length - 1} more of this kind followed, the last on ${utc(last)}.`] : []),
  ].join(" ");
}
