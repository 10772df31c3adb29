import type { About } from "../incident/jobs.ts";

/** Where a page leads to, and nowhere else is that said. Null without PUBLIC_URL. */
export function linkTo(publicUrl: string | undefined, about: Omit<About, "what">): string | null {
  return publicUrl === undefined ? null : publicUrl + pathOf(about);
}

function pathOf({ incidentId, signalId, cascadeId, approvalId, deadLetter }: Omit<About, "what">): string {
  if (approvalId !== undefined) return "/api/fleet";
  if (cascadeId !== undefined) return `/api/cascades/${encodeURIComponent(cascadeId)}`;
  if (deadLetter !== undefined)
    return `/api/dead-letters/${encodeURIComponent(deadLetter.queue)}/${encodeURIComponent(deadLetter.jobId)}`;
  if (incidentId !== null) return `/api/incidents/${encodeURIComponent(incidentId)}`;
  return signalId === null ? "/api/incidents" : `/api/signals/${encodeURIComponent(signalId)}`;
}
