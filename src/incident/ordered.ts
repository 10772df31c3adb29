import type { Signal } from "./signal.ts";

/** Nothing was wrong with the agent that anybody saw: it was frozen because the whole fleet was (P4). */
export function isByOrder({ signals }: { signals: readonly Pick<Signal, "kind">[] }): boolean {
  return signals.length > 0 && signals.every(({ kind }) => kind === "fleet-shutdown");
}

const RESUMED = "fleet resumed: ";

/** As the reason of each stand-down that belongs to a resume of the fleet. */
export const becauseResumed = (reason: string): string => `${RESUMED}${reason}`;

/** What the person said who resumed the fleet; null where only this agent was released. */
export function resumedWhy(reason: string): string | null {
  return reason.startsWith(RESUMED) ? reason.slice(RESUMED.length) : null;
}
