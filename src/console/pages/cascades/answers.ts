import type { AtRisk } from "../../../incident/at-risk.ts";
import type { Tone } from "../../words/tone.ts";

/** GET /api/cascades and /api/cascades/{id}, as far as they are shown. Times as ISO 8601, amounts as decimal strings. */
export interface Cascade {
  id: string;
  status: "open" | "closed";
  openedAt: string;
  since: string;
  closedAt: string | null;
  rootCause: { agentId: string; why: string };
  members: readonly Member[];
  edges: readonly { from: string; to: string; why: string; payer?: string }[];
  dollars: { locked: string; recovered: string; lost: string } & AtRisk;
  recoveryOrder: readonly { agentId: string; after: readonly string[] }[];
}

export interface Member {
  agentId: string;
  standing: "freezing" | "waiting" | "over";
  incidentId: string | null;
  status: string | null;
  recovery: { stage: string; percent: number | null } | null;
  signals: readonly { id: string; kind: string; severity: string; at: string; z: number | null; outflow: string }[];
}

/** What the badge of a member says. */
export function memberState({ standing, status, recovery }: Member): { tone: Tone; text: string } {
  if (recovery?.stage === "resolved") return { tone: "ok", text: "Recovered" };
  if (recovery?.stage === "stood-down") return { tone: "ok", text: "Stood down" };
  if (recovery?.stage === "recovering" || recovery?.percent != null)
    return { tone: "progress", text: `Recovering, ${recovery.percent ?? 0} % back` };
  if (standing === "waiting") return { tone: "warn", text: "Waits for your word" };
  if (standing === "over") return { tone: "quiet", text: "Dealt with before" };
  if (status === "observed") return { tone: "quiet", text: "Dry run, nothing done" };
  if (status === "contained") return { tone: "hold", text: "Contained" };
  return { tone: "danger", text: status === null ? "Being frozen" : "Being contained" };
}
