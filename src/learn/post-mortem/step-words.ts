import { type ByHand, byHandIn } from "../../incident/by-hand.ts";
import type { TimelineEntry } from "../../incident/incident.ts";
import { parseMoney } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import { stepName as nameOf, wouldHave } from "../../incident/step-name.ts";
import { count, list, someOf } from "./in-words.ts";

type Detail = TimelineEntry["detail"];

/** Nothing for what is not there. */
export const word = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export const stepName = (step: unknown): string => nameOf(word(step));

/** What a step that is done came to; null: nothing a person needs to read. */
export function stepDone({ step: told, result }: Detail): string | null {
  const done = (result ?? {}) as Detail;
  if (done.would !== undefined) return `${wouldHave(word(told))}. Nothing was done: it was a dry run.`;
  // What a dry run only read it did read.
  const step = word(told).replace(/^dry-run /, "");
  if (word(step).startsWith("preserve-") || word(step).startsWith("tell-")) return null;
  const [left] = byHandIn({ step: word(step), status: "done", at: null, result: done });
  if (left) return `${stepName(step)} is left to a person, since ${left.why}.`;
  if (step === "freeze-budget") return null;
  if (step === "halve-budget")
    return typeof done.dailyCap === "string"
      ? `Daily budget set to ${dollars(done.dailyCap)}, from ${dollars(word(done.from))}.`
      : "The agent has no daily cap, so there was none to halve.";
  if (step === "record-budget-cap") return `${capsFrom(done)}: ${bothCaps(done)}.${monthNotShown(done)}`;
  if (word(step).startsWith("cancel-escrows"))
    return Number(done.cancelled ?? 0) + Number(done.lost ?? 0) === 0
      ? "No open escrow was found to cancel."
      : `${count(Number(done.cancelled ?? 0), "escrow")} cancelled, ${dollars(word(done.dollarsUnlocked) || "0")} back${Number(done.lost ?? 0) > 0 ? `; ${done.lost} had been paid out to the payee before` : ""}.`;
  if (step === "verify-identity")
    return `Identity check: ${word(done.verdict) === "unknown" ? "nothing at the gateway to check it against" : word(done.verdict)}.`;
  if (step === "flag-payee" || step === "restrict-similar") return listed(word(step), done);
  return `${stepName(step)}: done.`;
}

/** What nobody but people could do, one sentence for each reason. */
export function notDone(left: readonly ByHand[]): string[] {
  return [...Map.groupBy(left, ({ why }) => why)].map(
    ([why, all]) => `Not done, and left to people, since ${why}: ${list(all.map(({ what }) => what))}.`,
  );
}

function listed(step: string, done: Detail): string | null {
  const rows = (step === "flag-payee" ? done.payees : done.restricted) as readonly Detail[] | undefined;
  const who = (rows ?? []).map((row) => word(row.payee ?? row.agentId));
  if (who.length === 0) return null;
  return step === "flag-payee"
    ? `On the watch list from now on: ${someOf(who)}.`
    : `Restricted to tools that only read, for what they share with the agent: ${someOf(who)}.`;
}

/** What was only remembered is asked for once more beside the freeze, which may show others. */
const capsFrom = ({ source }: Detail): string =>
  source === "last-seen"
    ? "Budget caps as last seen before"
    : source === "configured"
      ? "Budget caps from before, as the settings say them"
      : "Budget caps from before";

/** Of what was read: a day's and a month's. */
export const bothCaps = ({ dailyCap, monthlyCap }: Detail): string =>
  `${cap(dailyCap)} a day, ${cap(monthlyCap)} a month`;

/** What comes back is not what the gateway showed: whoever reads it must know. */
const monthNotShown = ({ dailyCap, monthlyCap }: Detail): string => {
  if (monthlyCap !== "not shown") return "";
  if (dailyCap === null) return " What comes back a month is what the fleet's settings say, else what a person said.";
  return " What comes back a month is 30 times the day, unless the fleet's settings say it.";
};

/** What the gateway does not show, as the tools form its monthly caps, stands there in words. */
const cap = (value: unknown): string =>
  value === null
    ? "no cap"
    : parseMoney(value) === undefined
      ? "a cap that the gateway does not show"
      : dollars(word(value));
