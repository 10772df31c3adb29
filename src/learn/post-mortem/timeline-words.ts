import type { IncidentView, TimelineEntry } from "../../incident/incident.ts";
import { isByOrder, resumedWhy } from "../../incident/ordered.ts";
import { channelName, dollars } from "../../incident/plain-words.ts";
import { count, list, sentence, someOf } from "./in-words.ts";
import { sentenceOf, withDollars } from "./kinds-in-words.ts";
import { pageTold } from "./page-words.ts";
import { replayed } from "./replay-words.ts";
import { bothCaps, stepDone, stepName, word } from "./step-words.ts";

type Detail = TimelineEntry["detail"];
/** Null: nothing a person needs to read. */
type Words = (detail: Detail, incident: IncidentView) => string | null;

const because = (value: unknown): string => (word(value) === "" ? "" : `: ${word(value).replace(/[.\s]+$/, "")}`);
const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(word) : []);
const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}`;
const nothing: Words = () => null;

/** What each line of an incident's timeline says to somebody who was asleep. One that is not in here says its own name. */
export const timelineWords: Readonly<Record<string, Words>> = {
  "incident-opened": (detail, incident) => `Incident opened. ${why(detail, incident)}`,
  "signal-joined": (detail, incident) =>
    isSaid(detail, incident) ? null : `Another sign of the same trouble. ${why(detail, incident)}`,
  "signals-counted": ({ times }) =>
    `By now ${count(Number(times ?? 2), "sign", "signs")} of this trouble said the same; further ones are only counted.`,
  "signal-is-our-doing": nothing,
  "dry-run-ended": nothing,
  containing: nothing,
  contained: () => "Contained: what was done was read back at the gateway and holds.",
  observed: () => "Dry run: it was decided what would be done, and nothing was done.",
  "step-done": stepDone,
  "step-failed": ({ step, message }) => `${stepName(step)} did not succeed yet${because(message)}.`,
  "freeze-unconfirmed": () => "The gateway did not confirm the freeze; it was sent again.",
  "caps-unread": () => "The budget caps could not be read.",
  "failed-again": ({ of, subject, answers, last }) => {
    const times = Object.values((answers ?? {}) as Record<string, number>).reduce((sum, one) => sum + one, 0);
    const what = failing[word(of)] ?? `${stepName(subject)} did not succeed`;
    return `${what}, ${count(times, "more time", "more times")}${because((last as Detail | null)?.message)}.`;
  },
  "caps-changed-since-last-seen": (detail) =>
    `The budget caps had been changed since they were last seen; these are kept as those from before: ${bothCaps(detail)}.`,
  "hold-breached": ({ capsLifted, escrowsSwept, loosened }) => {
    const swept = Number(escrowsSwept ?? 0);
    return sentence(
      `Somebody got past the containment${because(
        list([
          ...(capsLifted === true ? ["the budget was lifted and has been set back"] : []),
          ...(swept > 0 ? [`${count(swept, "escrow was", "escrows were")} opened all the same and taken back`] : []),
          ...(names(loosened).length > 0
            ? [`${list(names(loosened))} of the agent had been set free and is held again`]
            : []),
        ]),
      )}`,
    );
  },
  "late-raise-undone": () =>
    "A raise of ours from before the freeze took effect only now, and was undone: nobody got past the containment.",
  "wallet-frozen": ({ breaches }) =>
    `The wallet itself was frozen, after ${count(Number(breaches ?? 1), "breach", "breaches")}.`,
  "wallet-not-frozen": ({ message }) => `The wallet could not be frozen${because(message)}.`,
  "similar-agent-restricted-again": ({ agentId }) => `${word(agentId)} had been set free and was restricted again.`,
  "evidence-taken": ({ part, unknown }) =>
    part === "cascade"
      ? null
      : `Evidence was kept${names(unknown).length > 0 ? `; not to be had: ${someOf(names(unknown).map(sourceName))}` : ""}.`,
  "evidence-completed": () => "Evidence that was missing was had after all.",
  acknowledged: ({ by }) => `${word(by) || "A person"} took the incident on.`,
  // Of a cascade one incident tells for all of them.
  escalated: ({ to, toldWith }) =>
    names(to).length === 0 && toldWith === undefined
      ? "Nobody had taken it on, and none of the channels to the next people was configured: they were not told."
      : `Nobody had taken it on, so these were told too: ${list(names(to).map(channelName)) || "those who are told for its group"}.`,
  "escalation-missed": () => "Nobody had taken it on, and those who were to be told next were not told, or too late.",
  "escalation-not-needed": nothing,
  "recovery-asked": ({ by }) => `${word(by) || "A person"} asked to bring the agent back.`,
  recovering: () => "The agent is coming back.",
  "recovery-begun": ({ gate, percents, found }) =>
    `${checked(gate, found)} The freeze is lifted${names(percents).length > 0 ? `, and the budget comes back in steps of ${list(names(percents).map((one) => `${one} %`))}` : ""}.`,
  "recovery-waits": ({ for: ids, agents }) => {
    const others = names(agents ?? ids);
    return others.length > 0
      ? `Waits until the first step of ${someOf(others)} stands. Somebody has to ask for ${others.length === 1 ? "that recovery" : "those recoveries"} too.`
      : null;
  },
  "recovery-refused": ({ gate, reason }) =>
    `Bringing the agent back was refused, by the check whether ${gateName(gate)}${because(reason)}.`,
  "rung-due": nothing,
  relapsed: ({ why: said, containedAnew, leftFree }) =>
    `The recovery was disturbed, ${containedAnew === true ? "at its first step: the agent is contained anew" : leftFree === true ? "at its first step; in observe-only mode nothing is done about it" : "so its last step is taken back"}. ${withDollars(capital(sentence(word(said) || "why was not said")))}`,
  "rung-failing": ({ percent, why: said }) =>
    `The gateway has not taken the step${toPercent(percent, undefined)} yet; it is tried again${because(said)}.`,
  "recovery-stopped": () => "Somebody lowered the budget by hand, so no further step is taken.",
  "recovery-goes-on": () => "The budget is as it should be again, and the steps go on.",
  "reins-handed-over": ({ to }) => `What held the agent back is left to ${word(to)}, which asks for the same.`,
  "rung-taken": ({ percent, dailyCap, raised, gate }) =>
    `${raised === false ? "The agent has its whole budget, and is only watched" : `Budget raised${toPercent(percent, dailyCap)}`}.${gate === undefined ? "" : ` ${checked(gate, undefined)}`}`,
  "stepped-back": ({ percent, dailyCap }) => `Budget set back${toPercent(percent, dailyCap)}.`,
  superseded: ({ by }) => `New trouble took its place: ${word(by)}. This recovery ended there.`,
  "stand-down-asked": ({ by, reason }, incident) =>
    isByOrder(incident)
      ? `${word(by)} ${resumedWhy(word(reason)) === null ? "released the agent" : "resumed the fleet"}${because(resumedWhy(word(reason)) ?? reason)}.`
      : `${word(by)} called it a false alarm${because(reason)}.`,
  "stood-down": ({ answer }, incident) =>
    `${isByOrder(incident) ? "Released" : "Closed as a false alarm"}. ${standDownEnd(word(answer))}`,
  resolved: ({ why: said }, incident) =>
    incident.supersededBy !== null
      ? `Closed: ${incident.supersededBy} took its place.`
      : incident.recovery
        ? "Resolved: the agent is watched as on other days again."
        : `Resolved${because(said)}.`,
  "monthly-cap-not-known": ({ restored }) =>
    `The gateway never showed the monthly cap from before; ${typeof restored === "string" ? restored : "none"} was put in place: the fleet's settings, else 30 times the day.`,
  "raise-undone": () =>
    "The agent was frozen again at once: new trouble had begun while its budget was being given back.",
  "agents-released": ({ released }) =>
    `Set free again: ${someOf(Array.isArray(released) ? released.map((one) => word((one as Detail)?.agentId ?? one)) : [])}.`,
  "payee-unflagged": ({ payee }) => `${word(payee)} is no longer under suspicion because of this incident.`,
  "post-mortem-written": nothing,
  "tuning-proposed": tuningOf("Proposed, for a person to decide"),
  "tuning-approved": tuningOf("Changed from now on"),
  "tuning-rejected": tuningOf("Not to be changed"),
  "tuning-withdrawn": tuningOf("Changed back"),
  "page-sent": ({ channel, what }, incident) =>
    channel === "log" ? null : `Told ${channelName(word(channel))} ${pageTold(word(what), incident)}.`,
  "page-failed": ({ channel, what, reason }, incident) =>
    `${capital(channelName(word(channel)))} could not be told ${pageTold(word(what), incident)}${because(reason)}.`,
  "dead-letter-replayed": replayed,
};

/** What failed so often that it was only counted. */
const failing: Readonly<Record<string, string>> = {
  "freeze-unconfirmed": "The gateway did not confirm the freeze",
  "caps-unread": "The budget caps could not be read",
  "wallet-not-frozen": "The wallet could not be frozen",
};

/** Ids, words and figures of an entry that nobody wrote a sentence for. */
export function inGeneral({ what, detail }: TimelineEntry): string {
  const told = Object.entries(detail).filter(([, value]) => ["string", "number"].includes(typeof value));
  const name = what.replaceAll("-", " ");
  const facts = told.map(([key, value]) => `${key.replace(/([A-Z])/g, " $1").toLowerCase()} ${word(value)}`);
  return sentence(`${name[0]?.toUpperCase()}${name.slice(1)}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`);
}

function why({ signal }: Detail, { signals }: IncidentView): string {
  const found = signals.find(({ id }) => id === signal);
  return found ? sentenceOf(found.why) : "What was seen is not kept any more.";
}

/** F6: what became of a threshold. */
function tuningOf(heading: string): Words {
  return ({ path, from, to, by, reason }) =>
    sentence(
      `${heading}${word(by) === "" ? "" : `, says ${word(by)}`}: ${word(path)} from ${word(from)} to ${word(to)}${because(reason)}`,
    );
}

/** What the gateway cannot verify let the agent pass, and is unknown: never healthy (C4). */
export function checked(gate: unknown, found: unknown): string {
  const { identity, reputation } = (found ?? {}) as Record<string, Detail | undefined>;
  const unknown = [
    ...(identity?.verdict === "unknown" ? ["its identity"] : []),
    ...(reputation?.score === "unknown" ? ["its reputation"] : []),
  ];
  if (gate !== "identity-and-reputation" || unknown.length === 0) return `Check passed: ${gateName(gate)}.`;
  const rest =
    unknown.length === 2 ? "" : ` ${identity?.verdict === "unknown" ? "Its reputation" : "Its identity"} is in order.`;
  return `Let through: the gateway could not tell about ${list(unknown)}, and nothing spoke against the agent.${rest}`;
}

/** Whether a signal before it says the same, word by word. */
function isSaid({ signal }: Detail, { signals, timeline }: IncidentView): boolean {
  const said = (id: unknown) => signals.find((one) => one.id === id)?.why.sentence;
  const ids = timeline.flatMap(({ detail }) => (detail.signal === undefined ? [] : [word(detail.signal)]));
  return ids.slice(0, ids.indexOf(word(signal))).some((id) => said(id) === said(signal));
}

const toPercent = (percent: unknown, dailyCap: unknown): string =>
  percent === undefined
    ? ""
    : ` to ${word(percent)} % of the caps from before${typeof dailyCap === "string" ? ` (${dollars(dailyCap)} a day)` : ""}`;

const gateNames: Readonly<Record<string, string>> = {
  "root-cause": "the root cause is known and mended",
  "identity-and-reputation": "the agent is who it says, and its reputation is in order",
  "conservative-budget": "the first, small budget is in place",
};
export const gateName = (gate: unknown): string => gateNames[word(gate)] ?? word(gate).replaceAll("-", " ");

const ends: Readonly<Record<string, string>> = {
  restored: "The budget caps are exactly what they were before.",
  "caps-untouched": "The budget caps had not been touched.",
  "caps-unknown": "The budget caps from before are not known: a person has to set them.",
  "still-held": "The agent stays frozen for another incident.",
  refrozen: "The agent was frozen again at once for another incident.",
  "nothing-was-done": "It was a dry run, so there was nothing to undo.",
};
const standDownEnd = (answer: string): string => ends[answer] ?? "";

const sourceNames: Readonly<Record<string, string>> = {
  identity: "the agent's identity",
  claimChains: "its claim chains",
  claims: "its claims",
  reputation: "its reputation",
  balance: "the balance of its wallet",
  escrows: "its escrows",
  transactions: "its transactions",
  activity: "what it told of itself",
  toolUse: "the tools it used",
};
export const sourceName = (source: string): string => sourceNames[source] ?? source;
