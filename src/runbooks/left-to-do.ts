import { leftByHand } from "../incident/by-hand.ts";
import { deadlineMs } from "../incident/deadline.ts";
import { type IncidentView, isOver } from "../incident/incident.ts";
import { utc } from "../incident/plain-words.ts";
import { presentRecovery } from "../incident/present-recovery.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { relapseOf } from "../incident/relapse.ts";
import { planOf } from "./plan.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";

/** What is left for people to do now, the most urgent first: the same list on pages, in `incidents show` and in a draft. */
export function leftToDo(incident: IncidentView): string[] {
  return [...new Set([...freezeByHand(incident), ...leftByHand(incident), ...thenToDo(incident)])];
}

/**
 * First of all while the agent can still spend: the freeze failed, or takes longer than all of containment may. `now` in
 * milliseconds since 1970.
 */
export function freezeByHand(incident: IncidentView, now = Date.now()): string[] {
  const { agentId, status, effectiveAt, dryRun, standDown, receivedAt, timeline } = incident;
  const isToFreeze = (status === "detected" || status === "containing") && planOf(incident).budget === "freeze";
  if (!isToFreeze || dryRun || standDown !== null || effectiveAt !== null) return [];
  const isFailing = timeline.some(
    ({ what, detail }) =>
      what === "freeze-unconfirmed" || (what === "step-failed" && detail.step === freezeBudget.name),
  );
  if (!isFailing && now - receivedAt <= (deadlineMs.P0 ?? 0)) return [];
  return [
    `Freeze ${agentId} by hand: its freeze has not taken effect, and it can go on spending. Set both its caps to 0 at the gateway, PUT /v1/billing/wallets/${agentId}/budget with {"daily_cap": "0.00", "monthly_cap": "0.00"} (docs/on-call.md, 10); Tourniquet goes on trying`,
  ];
}

/** The same without what is to be done by hand. */
export function thenToDo(incident: IncidentView): readonly string[] {
  const { status, standDown, recovery, dryRun } = incident;
  if (isOver(status)) return afterwards(incident);
  if (standDown) return [`Nothing: ${standDown.by} asked to stand it down, and that is under way`];
  if (status === "recovering") return whileRecovering(incident);
  if (recovery && status === "contained") return beforeFirstStep(incident, recovery.by);
  const todo = [...freezeByHand(incident), ...followUps(incident)];
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

/** In a cascade those before it come first (R4); whether anybody asked for theirs it does not say, so whoever reads it looks. */
function beforeFirstStep(incident: IncidentView, by: string): string[] {
  const before = waitedFor(incident);
  if (before.length === 0)
    return [`Wait for the checks before the first step: ${by} asked for recovery, and the agent is still held`];
  return before.map(
    ({ agentId, id }) =>
      `Ask for the recovery of ${agentId} first, if nobody has: ${incident.agentId} is held until that one's first step stands (npx tourniquet incidents recover ${id})`,
  );
}

/** Agent and incident of those it waits for, as they were last noted; an incident of before this was kept has no name. */
export function waitedFor({ recovery, timeline }: Pick<IncidentView, "recovery" | "timeline">) {
  const ids = (recovery as Partial<KeptRecovery> | null)?.waitsFor ?? [];
  const told = timeline.findLast(({ what }) => what === "recovery-waits")?.detail ?? {};
  const [known, agents] = [told.for, told.agents].map((list) => (Array.isArray(list) ? list.map(String) : []));
  return ids.map((id) => ({ id, agentId: agents?.[known?.indexOf(id) ?? -1] ?? id }));
}

/** What was seen as it fell back, as the recovery noted it. */
function relapseSeen({ timeline }: IncidentView): string {
  const seen = timeline.findLast(({ what }) => what === "relapsed" || what === "recovery-refused")?.detail ?? {};
  const why = seen.why ?? seen.reason;
  return typeof why === "string" ? why.replace(/[.\s]+$/, "") : "A warning came, or somebody raised its caps";
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
        : `Look for the new incident of ${agentId}, and see to that one. ${capital(relapseSeen(incident))}: that ended this recovery at its first step, and ${agentId} is contained anew`,
    ];
  const next = recovery?.next ?? null;
  if (!recovery || next === null || next.what === "gate") return ["Wait for the first step of the recovery"];
  const before = waitedFor(incident).map((one) => one.agentId);
  const others = before.length > 0 ? `, after ${before.join(", ")}` : "";
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

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
