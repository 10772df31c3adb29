import { leftByHand } from "../incident/by-hand.ts";
import { type IncidentView, isOver } from "../incident/incident.ts";
import { utc } from "../incident/plain-words.ts";
import { presentRecovery } from "../incident/present-recovery.ts";
import { relapseOf } from "../incident/relapse.ts";
import { planOf } from "./plan.ts";

/** What is left for people to do now, the most urgent first: the same list on pages, in `incidents show` and in a draft. */
export function leftToDo(incident: IncidentView): string[] {
  return [...leftByHand(incident), ...thenToDo(incident)];
}

/** The same without what is to be done by hand. */
export function thenToDo(incident: IncidentView): readonly string[] {
  const { status, standDown, recovery, dryRun } = incident;
  if (isOver(status)) return afterwards(incident);
  if (standDown) return [`Nothing: ${standDown.by} asked to stand it down, and that is under way`];
  if (status === "recovering") return whileRecovering(incident);
  if (recovery && status === "contained")
    return [
      `Wait for the checks before the first step: ${recovery.by} asked for recovery, and the agent is still held`,
    ];
  const todo = followUps(incident);
  return dryRun ? [`Look at ${incident.agentId}: nothing was done to it, and it goes on`, ...todo] : todo;
}

/** What took its place comes first. Of a dry run nothing is written, and nothing has to be undone. */
function afterwards({ id, supersededBy, dryRun }: IncidentView): string[] {
  if (dryRun) return ["Nothing: it was a dry run"];
  return [
    ...(supersededBy === null ? [] : [`See to ${supersededBy}: npx tourniquet incidents show ${supersededBy}`]),
    `See the post-mortem: npx tourniquet incidents post-mortem ${id}`,
  ];
}

function whileRecovering(incident: IncidentView): string[] {
  const recovery = presentRecovery(incident);
  const { id, agentId } = incident;
  if (recovery?.stopped === "caps-lowered")
    return [
      `Somebody lowered the caps of ${agentId}: set them back to those of its step, and the recovery goes on; or leave it there`,
    ];
  if (recovery?.stopped === "relapsed")
    return [
      incident.timeline.some(({ detail }) => detail.leftFree === true)
        ? `Contain ${agentId} by hand if you must: in observe-only mode it is left as it is`
        : `Nothing here: ${agentId} is being contained anew`,
    ];
  const next = recovery?.next ?? null;
  if (!recovery || next === null || next.what === "gate") return ["Wait for the first step of the recovery"];
  const others = recovery.waitsFor.length > 0 ? `, after ${recovery.waitsFor.join(", ")}` : "";
  const when = next.at === null ? `soon${others}` : `on ${utc(next.at)}`;
  const step = next.what === "end" ? "it is resolved" : `it may spend ${next.percent} % of its caps`;
  return [
    `Watch the recovery of ${agentId}: ${step} ${when}, if no warning comes (npx tourniquet incidents show ${id})`,
  ];
}

/** Of the runbooks; where only a recovery was ended, what ended it is to be found and not what the incident before was about. */
function followUps(incident: IncidentView): readonly string[] {
  const found = incident.signals.map(relapseOf);
  const relapses = found.filter((one) => one !== null);
  const own = relapses.flatMap(({ recovering, isCapsRaised }) => [
    isCapsRaised
      ? `Find out who raised the caps of ${incident.agentId} while it recovered, and whether they may: an agent's own key can lift its cap`
      : `Find out what was seen while it recovered, and whether the fix of ${recovering} mends it: npx tourniquet incidents show ${recovering}`,
    `Then ask for recovery anew: npx tourniquet incidents recover ${incident.id}`,
  ]);
  return relapses.length > 0 && relapses.length === found.length
    ? [...new Set(own)]
    : [...new Set([...own, ...planOf(incident).followUp])];
}
