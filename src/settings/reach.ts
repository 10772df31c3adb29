import { type Channel, channels } from "../incident/escalation.ts";
import { priorities } from "../incident/incident.ts";
import type { Warning } from "./review.ts";
import type { Settings } from "./settings.ts";

/** Those that are configured: whoever is named over another one is told nothing there. */
export function reachable(at: Readonly<Record<Channel, object | undefined>>): Channel[] {
  return channels.filter((channel) => at[channel] !== undefined);
}

/** Escalations that tell nobody, and channels that the file names for one and that are not there (N2). */
export function unreached({ escalation, origin }: Settings, reachable: readonly Channel[]): Warning[] {
  const levels = priorities.flatMap((priority) =>
    (escalation[priority] ?? []).map(({ afterMs, to }, index) => ({
      path: `escalation.${priority}[${index}]`,
      name: `${priority} after ${afterMs / 1000} s`,
      missing: to.filter((channel) => !reachable.includes(channel)),
      isReached: to.some((channel) => reachable.includes(channel)),
    })),
  );
  const lost = levels.filter(({ isReached }) => !isReached);
  const named = levels.flatMap(({ path, name, missing, isReached }) => {
    const line = lineOf(origin.lines, path);
    if (!isReached || line === null || missing.length === 0) return [];
    return [
      { line, message: `the escalation of ${name} names ${missing.join(", ")}, which nothing is configured for` },
    ];
  });
  if (lost.length === 0) return named;
  const line = lost.map(({ path }) => lineOf(origin.lines, path)).find((one) => one !== null) ?? null;
  const which = lost.map(({ name }) => name).join(", ");
  const message = `nobody is told when an incident is not acknowledged (${which}): none of the channels is configured`;
  return [{ line, message }, ...named];
}

/** Where the file says to whom; a level without that has the usual channels, and nobody named them. */
function lineOf(lines: ReadonlyMap<string, number>, path: string): number | null {
  const own = [...lines].filter(([at]) => at.startsWith(`${path}.to`)).map(([, line]) => line);
  return own.length === 0 ? null : Math.min(...own);
}
