import { type IncidentView, isOver } from "./incident.ts";
import { iso } from "./iso.ts";
import { type GateName, gates, type KeptRecovery, type Recovery, type Rung } from "./recovery.ts";
import { type RecoveryState, recoveryStateOf } from "./recovery-state.ts";

/** What is written over the recovery of one incident, as API, CLI and console show it: every time as ISO 8601 text. */
export interface PresentedRecovery extends RecoveryState {
  by: string;
  rootCause: string;
  fix: string;
  askedAt: string;
  gates: {
    passed: readonly { gate: GateName; at: string; found: Readonly<Record<string, unknown>> }[];
    /** In the order in which they are looked at. */
    missing: readonly GateName[];
  };
  rungs: readonly (Rung & { status: "done" | "stands" | "next" | "ahead" | "not-taken" })[];
  rungAt: string | null;
  next: NextStep | null;
  /** When watching is as on other days, if nothing comes in between. */
  normalAt: string | null;
  stepBacks: number;
  /** Incidents whose first rung must stand before its own is taken (R4), as last looked at. */
  waitsFor: readonly string[];
  /** Why nothing further is taken until a person does something. */
  stopped: KeptRecovery["stopped"];
}

/** gate: looked at now. rung: the caps are raised, at the earliest then. end: watching is as on other days, and it is resolved. */
export type NextStep =
  | { what: "gate"; gate: GateName; at: null }
  | { what: "rung"; percent: number; dailyCap: string | null; monthlyCap: string | null; at: string | null }
  | { what: "end"; at: string | null };

export function presentRecovery(
  incident: Pick<IncidentView, "status" | "recovery" | "supersededBy"> & Partial<Pick<IncidentView, "timeline">>,
): PresentedRecovery | null {
  const { recovery } = incident;
  if (!recovery) return null;
  const { by, rootCause, fix, askedAt, rungAt, normalAt, stepBacks } = recovery;
  const { waitsFor = [], stopped = null } = recovery as Partial<KeptRecovery>;
  return {
    ...recoveryStateOf(incident),
    ...{ by, rootCause, fix, stepBacks, waitsFor, stopped },
    askedAt: new Date(askedAt).toISOString(),
    gates: gatesOf(recovery),
    rungs: recovery.rungs.map((rung, index) => ({
      ...rung,
      status: rungStatus(recovery, index, { isOver: isOver(incident.status), isEnded: hasEnded(incident, stopped) }),
    })),
    rungAt: iso(rungAt),
    next: isOver(incident.status) || stopped !== null ? null : nextStep(recovery),
    normalAt: iso(normalAt),
  };
}

/** For whoever asks for a recovery that somebody has asked for before: what they said now counts for nothing. */
export function alreadyRecovering(incident: Pick<IncidentView, "id" | "status" | "recovery" | "supersededBy">): string {
  const recovery = presentRecovery(incident);
  if (!recovery) return `${incident.id} is recovering already; nothing was changed`;
  const { by, askedAt, percent, rungAt, stage } = recovery;
  const untouched = `asked for by ${by} at ${askedAt}; nothing was changed`;
  if (stage === "asked") return `recovery of ${incident.id} is being looked into already, ${untouched}`;
  const stood = percent === null ? "its first rung is being taken" : `${percent} % since ${rungAt}`;
  return `${incident.id} is recovering already (${stood}), ${untouched}`;
}

function gatesOf({ gates: passed }: Recovery): PresentedRecovery["gates"] {
  return {
    passed: gates.flatMap((gate) => {
      const one = passed[gate];
      return one ? [{ gate, at: new Date(one.at).toISOString(), found: one.found }] : [];
    }),
    missing: gates.filter((gate) => passed[gate] === undefined),
  };
}

/** Its caps are no longer those of any rung: it is contained anew, or was let go of. In observe-only mode it is left with them. */
function hasEnded(
  { status, supersededBy, timeline }: Pick<IncidentView, "status" | "supersededBy"> & Partial<IncidentView>,
  stopped: KeptRecovery["stopped"],
): boolean {
  const isLeftFree = timeline?.some(({ detail }) => detail.leftFree === true) === true;
  return (stopped === "relapsed" && !isLeftFree) || supersededBy !== null || status === "stood-down";
}

function rungStatus(
  { rung }: Recovery,
  index: number,
  { isOver: over, isEnded }: { isOver: boolean; isEnded: boolean },
): PresentedRecovery["rungs"][number]["status"] {
  if (rung !== null && index <= rung) return index === rung && !isEnded ? "stands" : "done";
  if (over || isEnded) return "not-taken";
  return index === (rung ?? -1) + 1 ? "next" : "ahead";
}

function nextStep(recovery: Recovery): NextStep {
  const missing = gates.find((gate) => recovery.gates[gate] === undefined);
  const isRaising = recovery.epoch !== null && recovery.rung === null;
  if (missing && !isRaising) return { what: "gate", gate: missing, at: null };
  const next = recovery.rungs[(recovery.rung ?? -1) + 1];
  if (!next) return { what: "end", at: iso(recovery.normalAt) };
  const { percent, dailyCap, monthlyCap } = next;
  return { what: "rung", percent, dailyCap, monthlyCap, at: iso(recovery.dueAt) };
}
