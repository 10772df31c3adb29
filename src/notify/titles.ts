import { leftByHand } from "../incident/by-hand.ts";
import type { IncidentView, TimelineEntry } from "../incident/incident.ts";
import type { PageKind } from "../incident/jobs.ts";
import { money, zero } from "../incident/money.ts";
import { resumedWhy } from "../incident/ordered.ts";
import { times } from "../incident/plain-words.ts";
import { planOf } from "../runbooks/plan.ts";
import { holdsBack, theMeasure } from "./what-was-done.ts";

/** Pages that are about one incident. */
export type IncidentPageKind = Exclude<PageKind, "signal" | "page-failed" | FleetPageKind>;

/** Pages that are about more than one incident, or none. */
export type FleetPageKind =
  | "cascade"
  | "cascade-acknowledged"
  | "cascade-over"
  | "freezes-waiting"
  | "shutdown-waiting"
  | "answered";

/** What happened, in one line that is understood half asleep. */
export const titles: Readonly<Record<IncidentPageKind, (incident: IncidentView) => string>> = {
  contained,
  "freeze-failing": ({ agentId }) => `The freeze of ${agentId} is failing; retrying. Freeze it by hand if you can`,
  "agent-control-failing": ({ agentId }) =>
    `What runs ${agentId} does not do what it is asked to; retrying. Stop it by hand if you can`,
  "not-frozen-in-time": (incident) =>
    theMeasure(incident) === "freeze"
      ? `${incident.agentId} is still not frozen after 30 s; retrying. Freeze it by hand if you can`
      : `The ${theMeasure(incident)} of ${incident.agentId} has still not taken effect after 30 s; retrying. Please look`,
  "not-contained-in-time": ({ agentId, dollars }) =>
    `${[`${agentId} is still not contained after 60 s`, ...moneyOf(dollars)].join(", ")}; retrying. Please look`,
  observed: ({ agentId }) => `Dry run: ${agentId} would have been contained; nothing was done, and it goes on`,
  "hold-breached": (incident) =>
    `Somebody lifted the ${theMeasure(incident)} of ${incident.agentId} or ${theMeasure(incident) === "freeze" ? "spent past it" : "loosened what holds it back"} (${times(incident.reassertions)} so far); it is back`,
  "identity-compromise-suspected": ({ agentId }) => `${agentId} may not be who it says: its identity check failed`,
  escalated: (incident) => `Nobody acknowledged for ${waitedFor(incident)}: ${stateOf(incident)}`,
  acknowledged: ({ agentId, acknowledged }) => `${agentId} is taken on by ${acknowledged?.by ?? "somebody"}`,
  "recovery-asked": ({ agentId, recovery }) =>
    `${recovery?.by ?? "Somebody"} asks to bring ${agentId} back: ${recovery?.rootCause ?? "no root cause given"}`,
  "recovery-refused": (incident) =>
    `${incident.agentId} is not brought back${refusedTo(incident)}${becauseOf(incident, "recovery-refused")}`,
  "rung-taken": (incident) => `${incident.agentId} may spend ${shareOf(incident)} of its caps from before again`,
  "rung-failing": (incident) =>
    `The gateway does not take the next step of the recovery of ${incident.agentId}; retrying${becauseOf(incident, "rung-failing")}`,
  "stepped-back": (incident) =>
    `${incident.agentId} does not recover as planned and ${steppedTo(incident)}${becauseOf(incident, "relapsed")}`,
  "recovery-stopped": ({ agentId }) =>
    `Somebody lowered the caps of ${agentId} while it recovers: nothing more is raised until they are back`,
  resolved: ({ agentId, dryRun }) =>
    dryRun ? `Dry run over: ${agentId} has been quiet` : `Resolved: ${agentId} has its caps back and has been quiet`,
  superseded: ({ agentId, supersededBy }) =>
    `The recovery of ${agentId} ended unfinished: new trouble, ${supersededBy ?? "a new incident"}, took its place`,
  "stood-down": released,
  "post-mortem": ({ agentId }) => `The post-mortem of ${agentId} is written`,
  "dead-letter": ({ agentId }) => `Work on ${agentId} failed for good: nobody tries it again until you do`,
};

function contained(incident: IncidentView): string {
  const { agentId, dollars } = incident;
  const back = holdsBack(incident);
  if (back.length === 0) return `Please look at ${agentId}: nothing could be done to it, and it goes on`;
  const taken = planOf(incident).escrows === "none" ? [] : moneyOf(dollars);
  return `Contained: ${agentId} ${[...back, ...taken].join(", ")}${toDoByHand(incident)}`;
}

/** Nothing where there was none to take back. */
const moneyOf = ({ locked, recovered }: IncidentView["dollars"]): string[] =>
  money(locked) === zero ? [] : [`${recovered} of ${locked} recovered`];

/** Whoever reads only this line must not take it for all done. */
function toDoByHand(incident: IncidentView): string {
  const left = leftByHand(incident).length;
  return left === 0 ? "" : `; ${left === 1 ? "1 thing is" : `${left} things are`} left to do by hand`;
}

function released({ agentId, standDown }: IncidentView): string {
  if (standDown === null) return `${agentId} was released`;
  const why = resumedWhy(standDown.reason);
  return why === null
    ? `${standDown.by} released ${agentId}: ${standDown.reason}`
    : `${standDown.by} resumed the fleet, and ${agentId} is released: ${why}`;
}

/** Whoever is woken second has heard nothing yet. */
function stateOf(incident: IncidentView): string {
  const { status, agentId } = incident;
  if (status === "detected" || status === "containing") return `${agentId} is not contained yet`;
  return status === "contained" ? contained(incident) : `${agentId} is ${status}`;
}

/** Until the level that is told now: told levels stand in the timeline, and the last one is this. */
function waitedFor({ escalation, openedAt, timeline }: IncidentView): string {
  const at = timeline.findLast(({ what }) => what === "escalated")?.at;
  const level = escalation?.priority && escalation.policy[escalation.priority]?.[Math.max(0, escalation.told - 1)];
  const ms = at === undefined ? (level?.afterMs ?? 0) : at - (escalation?.since ?? openedAt);
  return ms < 90_000 ? `${Math.round(ms / 1_000)} s` : `${Math.floor(ms / 60_000)} min`;
}

function shareOf({ recovery }: IncidentView): string {
  const rung = recovery?.rung === null || recovery === null ? undefined : recovery.rungs[recovery.rung];
  return rung === undefined ? "none" : `${rung.percent} %`;
}

/** What the line of the timeline says that the page is about. */
function lastOf({ timeline }: IncidentView, what: string): TimelineEntry | undefined {
  return timeline.findLast((entry) => entry.what === what);
}

function becauseOf(incident: IncidentView, what: string): string {
  const detail = lastOf(incident, what)?.detail;
  const reason = detail?.reason ?? detail?.why;
  return typeof reason === "string" ? `: ${reason}` : "";
}

const LEFT_FREE = "is left as it is, in observe-only mode: contain it by hand if you must";

function steppedTo(incident: IncidentView): string {
  const detail = lastOf(incident, "relapsed")?.detail;
  if (detail?.leftFree === true) return LEFT_FREE;
  return detail?.containedAnew === true ? "is contained anew" : "steps back";
}

const refusedTo = (incident: IncidentView): string =>
  lastOf(incident, "recovery-refused")?.detail.leftFree === true ? ` any further and ${LEFT_FREE}` : " and stays held";
