import type { Incident } from "./incident.ts";

/**
 * How far an incident is on its way back. none: nobody asked. asked: its gates are being looked at, the agent is still held.
 * recovering: `percent` of its caps from before stands. superseded: new trouble took its place, it was not mended.
 */
export interface RecoveryState {
  stage: "none" | "asked" | "recovering" | "resolved" | "superseded" | "stood-down";
  /** Of the caps from before; null until the first rung stands. */
  percent: number | null;
}

export function recoveryStateOf(incident: Pick<Incident, "status" | "recovery" | "supersededBy">): RecoveryState {
  const { recovery } = incident;
  const rung = recovery?.rung ?? null;
  return { stage: stageOf(incident), percent: rung === null ? null : (recovery?.rungs[rung]?.percent ?? null) };
}

function stageOf({
  status,
  recovery,
  supersededBy,
}: Pick<Incident, "status" | "recovery" | "supersededBy">): RecoveryState["stage"] {
  if (supersededBy !== null) return "superseded";
  if (status === "recovering" || status === "resolved" || status === "stood-down") return status;
  return recovery === null ? "none" : "asked";
}
