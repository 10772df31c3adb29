import type { FleetSettings } from "./settings.ts";

/** P4: so many agents automation may freeze in an hour without a critical signal of their own. */
export function automaticFreezeLimit({ agents, automaticFreezes }: FleetSettings): number {
  return Math.max(automaticFreezes.atLeast, Math.floor(automaticFreezes.share * agents.length));
}
