import type { About } from "../incident/jobs.ts";

/** Where a page leads to: the console's own page about it, and nowhere else is that said. Null without PUBLIC_URL. */
export function linkTo(publicUrl: string | undefined, about: Omit<About, "what">): string | null {
  return publicUrl === undefined ? null : publicUrl + pathOf(about);
}

function pathOf({ incidentId, signalId, cascadeId, approvalId, deadLetter }: Omit<About, "what">): string {
  if (approvalId !== undefined) return "/fleet";
  if (cascadeId !== undefined) return `/cascades/${encodeURIComponent(cascadeId)}`;
  if (deadLetter !== undefined)
    return `/dead-letters/${encodeURIComponent(deadLetter.queue)}/${encodeURIComponent(deadLetter.jobId)}`;
  if (incidentId !== null) return `/incidents/${encodeURIComponent(incidentId)}`;
  return signalId === null ? "/incidents" : `/signals?q=${encodeURIComponent(signalId)}`;
}
