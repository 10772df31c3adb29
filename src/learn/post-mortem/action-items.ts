import { leftByHand } from "../../incident/by-hand.ts";
import { sumDollars } from "../../incident/dollars.ts";
import { type IncidentView, isOver, type Priority } from "../../incident/incident.ts";
import { isByOrder } from "../../incident/ordered.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { ActionItem, Impact } from "../../incident/post-mortem.ts";
import { RELAPSE, relapseOf } from "../../incident/relapse.ts";
import type { SignalKind } from "../../incident/signal.ts";
import { freezeByHand, thenToDo } from "../../runbooks/left-to-do.ts";
import { count, iso, list, sentence, someOf } from "./in-words.ts";
import { recommendationsOf } from "./recommended-actions.ts";
import { sourceName } from "./timeline-words.ts";

const HOUR_MS = 3_600_000;

/** The review of the post-mortem itself, whatever the priority (second seed: within 48 hours). */
export const REVIEW_MS = 48 * HOUR_MS;

/**
 * Until when what an incident left to do is to be done. Neither seed says: ours. P0 with the review, so that it is discussed when
 * it is done; the others a week, two weeks, a month.
 */
export const actionWithinMs: Readonly<Record<Priority, number>> = {
  P0: REVIEW_MS,
  P1: 7 * 24 * HOUR_MS,
  P2: 14 * 24 * HOUR_MS,
  P3: 30 * 24 * HOUR_MS,
};

/** Money that is still locked, or an agent without caps, waits for nobody's review. */
const AT_ONCE_MS = 4 * HOUR_MS;

export interface ActionsFrom {
  incident: IncidentView;
  impact: Impact;
  /** Sources of evidence that nobody answered for. */
  unknown: readonly string[];
  /** Settings learn.owner: whose it is where no person was named. */
  owner: string;
}

/**
 * F4: what is left to do, whose it is and until when; the most urgent first. While the incident is open that is the list of
 * `incidents show` and of the pages; dates count from its end, before that from when it was contained, so that they stand still.
 */
export function actionItemsOf(from: ActionsFrom): ActionItem[] {
  const { incident, owner } = from;
  const since = incident.closedAt ?? incident.containedAt ?? incident.openedAt;
  const who = incident.recovery?.by ?? incident.standDown?.by ?? incident.acknowledged?.by ?? owner;
  const item = (what: string, withinMs: number, why: string): ActionItem => ({
    what,
    owner: who,
    due: iso(since + withinMs),
    why,
  });
  const within = actionWithinMs[incident.priority];
  const isFalseAlarm = incident.standDown !== null && !isByOrder(incident);
  return [
    ...freezeByHand(incident).map((what) => item(sentence(what), 0, "it can still spend")),
    ...leftByHand(incident).map((what) => item(sentence(what), AT_ONCE_MS, "nobody else can do it")),
    ...unfinished(from).map(([what, why]) => item(what, AT_ONCE_MS, why)),
    ...(isFalseAlarm ? afterFalseAlarm(incident).map((what) => item(what, within, "false alarm")) : []),
    ...(incident.reassertions > 0 && !incident.dryRun
      ? [
          item(
            `Find out who got past the containment of ${incident.agentId}, and take that key away: an agent's own key can lift its cap.`,
            within,
            count(incident.reassertions, "breach of the containment", "breaches of the containment"),
          ),
        ]
      : []),
    ...orderAgain(incident).map((what) => item(what, within, "cancelled with the rest")),
    ...(isFalseAlarm ? [] : toMend(incident)).map(([what, why]) => item(what, within, why)),
    ...(saysReview(incident)
      ? []
      : [
          item(
            "Go through this post-mortem with everybody it concerns.",
            REVIEW_MS,
            "within 48 hours of every incident",
          ),
        ]),
  ].filter(({ what }, index, all) => all.findIndex((other) => other.what === what) === index);
}

/** A runbook may have said so already, while the incident is open. */
const saysReview = (incident: IncidentView): boolean =>
  !isOver(incident.status) && thenToDo(incident).some((what) => what.startsWith("Go through the post-mortem"));

/** What is left of it now, and once it is over, what keeps it from happening again. */
function toMend(incident: IncidentView): [what: string, why: string][] {
  if (!isOver(incident.status))
    return thenToDo(incident).map((what) => [sentence(what), `the incident is ${incident.status}`]);
  return recommendationsOf(incident).flatMap(({ signal, actions }) =>
    actions.map((what): [string, string] => [what, `${incident.priority} incident, ${nameOf(incident, signal)}`]),
  );
}

/** Of what ended a recovery the kind is that of the trouble before. */
function nameOf({ signals }: IncidentView, kind: SignalKind): string {
  const own = signals.filter((one) => one.kind === kind);
  return own.every((one) => relapseOf(one) !== null) ? RELAPSE : kind;
}

/** What the incident left undone, each with why. */
function unfinished({ incident, impact, unknown }: ActionsFrom): [what: string, why: string][] {
  const { agentId } = incident;
  const held = incident.escrows.filter(({ result }) => result === "held" || result === "failed");
  const stoodDown = incident.timeline.find(({ what }) => what === "stood-down")?.detail.answer;
  return [
    ...(held.length > 0 && impact.stillHeld.amount !== null
      ? [
          [
            `Take back ${count(held.length, "escrow")} worth ${dollars(impact.stillHeld.amount)} that ${held.length === 1 ? "is" : "are"} still held, or let ${held.length === 1 ? "it" : "them"} go on knowingly.`,
            "money is still locked",
          ] as [string, string],
        ]
      : []),
    ...(stoodDown === "caps-unknown"
      ? [
          [`Set the budget caps of ${agentId}: nobody knows what they were before.`, "the agent is still at 0"] as [
            string,
            string,
          ],
        ]
      : []),
    ...(incident.supersededBy !== null
      ? [
          [
            `See to ${incident.supersededBy}: the agent was not back to normal when it began.`,
            "recovery not finished",
          ] as [string, string],
        ]
      : []),
    ...(unknown.length > 0
      ? [
          [
            `Find out by hand what could not be kept as evidence: ${list(unknown.map(sourceName))}.`,
            "evidence missing",
          ] as [string, string],
        ]
      : []),
  ];
}

/** Containment takes back every open escrow (C2): also purchases that were meant. */
function orderAgain({ standDown, signals, escrows, agentId }: IncidentView): string[] {
  const suspects = new Set(signals.map(({ suspectPayee }) => suspectPayee));
  const meant = escrows.filter(({ result, payee }) => result === "recovered" && !suspects.has(payee));
  if (standDown || meant.length === 0) return [];
  const amount = dollars(sumDollars(meant).recovered);
  const payees = [...new Set(meant.map(({ payee }) => payee || "an unknown payee"))];
  return [
    `Look through ${count(meant.length, "escrow")} of ${agentId} to ${someOf(payees)} (${amount}) that ${meant.length === 1 ? "was" : "were"} cancelled with the rest, and place again what was meant.`,
  ];
}

function afterFalseAlarm({ agentId, signals, escrows }: IncidentView): string[] {
  const rules = [...new Set(signals.map(({ why }) => why.rule))];
  const cancelled = escrows.filter(({ result }) => result === "recovered").length;
  return [
    ...(cancelled > 0
      ? [
          `Place the ${count(cancelled, "order")} of ${agentId} again whose escrows were cancelled, where they are still wanted.`,
        ]
      : []),
    `Decide whether ${list(rules)} should have fired: if not, change its thresholds for ${agentId}, or silence it for the time of planned work.`,
  ];
}
