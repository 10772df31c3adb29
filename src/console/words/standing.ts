import type { Priority, Status } from "../../incident/incident.ts";
import { bleeds } from "../../incident/urgency.ts";
import type { Tone } from "./tone.ts";

/** What of an incident its standing is told from: lists and the incident itself both have it. */
export interface Stands {
  status: Status;
  priority: Priority;
  dryRun: boolean;
  effectiveAt: string | null;
  supersededBy: string | null;
  recovery: { percent: number | null; stopped?: string | null } | null;
  standDown?: object | null;
}

/** One word for how it is, with a colour and a shape of its own: no two differ by colour alone. */
export interface Standing {
  word: string;
  tone: Tone;
  icon: "drop" | "hourglass" | "shield" | "climb" | "check" | "cancelled" | "eye" | "alert";
}

/** Is it stopped? Said first on every page about an incident. */
export function standingOf(incident: Stands): Standing {
  const { status, dryRun, effectiveAt, supersededBy, standDown } = incident;
  if (status === "resolved")
    return supersededBy === null
      ? { word: "Resolved", tone: "ok", icon: "check" }
      : { word: "Replaced", tone: "quiet", icon: "cancelled" };
  if (status === "stood-down") return { word: "Stood down", tone: "quiet", icon: "cancelled" };
  if (dryRun || status === "observed") return { word: "Dry run", tone: "quiet", icon: "eye" };
  if (standDown) return { word: "Standing down", tone: "progress", icon: "climb" };
  if (status === "recovering") return recovering(incident);
  if (status === "contained") return { word: "Contained", tone: "hold", icon: "shield" };
  if (effectiveAt !== null) return { word: "Containing", tone: "warn", icon: "hourglass" };
  return bleeds(incident)
    ? { word: "Bleeding", tone: "danger", icon: "drop" }
    : { word: "Acting", tone: "warn", icon: "hourglass" };
}

function recovering({ recovery }: Stands): Standing {
  if (recovery?.stopped) return { word: "Recovery stopped", tone: "warn", icon: "alert" };
  return { word: `Recovering ${recovery?.percent ?? 0} %`, tone: "progress", icon: "climb" };
}

export function isOpen({ status }: Pick<Stands, "status">): boolean {
  return status !== "resolved" && status !== "stood-down";
}

/** Colour of a priority; its letter and digit say it too. */
export function toneOf(priority: Priority): Tone {
  return ({ P0: "danger", P1: "warn", P2: "quiet", P3: "quiet" } as const)[priority];
}
