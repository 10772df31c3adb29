import type { z } from "zod";
import type { cascadeShape } from "../../../http/api/shapes/cascade.ts";
import type { Tone } from "../../words/tone.ts";

/** GET /api/cascades/{id}, and each of GET /api/cascades. */
export type Cascade = z.output<typeof cascadeShape>;
export type Member = Cascade["members"][number];

/** Its incident is over, whatever became of it: nobody waits for it any more. */
export const isDone = ({ standing, recovery }: Member): boolean =>
  standing === "over" || recovery?.stage === "resolved" || recovery?.stage === "stood-down";

/** Incidents that are open and that nobody has taken on. */
export const unclaimed = (members: readonly Member[]): Member[] =>
  members.filter((member) => member.incidentId !== null && member.acknowledgedBy === null && !isDone(member));

/** What the badge of a member says. */
export function memberState({ standing, status, recovery }: Member): { tone: Tone; text: string } {
  if (recovery?.stage === "resolved") return { tone: "ok", text: "Recovered" };
  if (recovery?.stage === "stood-down") return { tone: "ok", text: "Stood down" };
  // Whatever it had got back: new trouble holds the agent now.
  if (recovery?.stage === "superseded") return { tone: "warn", text: "Replaced by new trouble" };
  if (recovery?.stage === "recovering")
    return { tone: "progress", text: `Recovering, ${recovery.percent ?? 0} % back` };
  if (standing === "waiting") return { tone: "warn", text: "Waits for your word" };
  if (standing === "over") return { tone: "quiet", text: "Dealt with before" };
  if (status === "observed") return { tone: "quiet", text: "Dry run, nothing done" };
  if (status === "contained") return { tone: "hold", text: "Contained" };
  return { tone: "danger", text: status === null ? "Being frozen" : "Being contained" };
}
