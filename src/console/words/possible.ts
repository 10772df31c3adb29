import type { Status } from "../../incident/incident.ts";

export type Deed = "acknowledge" | "recover" | "stand-down";

interface Acted {
  status: Status;
  dryRun: boolean;
  acknowledged: { by: string } | null;
  standDown: { by: string } | null;
  recovery: { by: string } | null;
}

/** Why each cannot be done now, in a sentence; null: it can. The server decides; this says it before it is asked. */
export function possible(
  { status, dryRun, acknowledged, standDown, recovery }: Acted,
  role: string,
): Readonly<Record<Deed, string | null>> & { isOver: boolean } {
  const isOver = status === "resolved" || status === "stood-down";
  const mayNot =
    role === "responder" || role === "admin" ? null : `A responder may do this; you are logged in as ${role}.`;
  const over = isOver ? "It is over already." : null;
  const ending = standDown === null ? null : `${standDown.by} called it a false alarm: it is being stood down.`;
  return {
    isOver,
    acknowledge: mayNot ?? over ?? (acknowledged && `${acknowledged.by} has taken it on already.`),
    recover: mayNot ?? over ?? ending ?? whyNotRecover(status, dryRun, recovery),
    "stand-down": mayNot ?? over ?? ending,
  };
}

function whyNotRecover(status: Status, dryRun: boolean, recovery: Acted["recovery"]): string | null {
  if (dryRun) return "A dry run did nothing to recover from: stand it down instead.";
  if (recovery !== null) return `Asked for already, by ${recovery.by}.`;
  return status === "contained" ? null : "Possible once it is contained.";
}
