import { type Channel, channels } from "../incident/escalation.ts";
import { type Priority, priorities } from "../incident/incident.ts";
import type { Warning } from "./review.ts";
import type { Settings } from "./settings.ts";

/** Those that are configured: whoever is named over another one is told nothing there. */
export function reachable(at: Readonly<Record<Channel, object | undefined>>): Channel[] {
  return channels.filter((channel) => at[channel] !== undefined);
}

/** Pages and escalations that tell nobody, and channels that the file names and that are not there (N1, N2). */
export function unreached(settings: Settings, reachable: readonly Channel[]): Warning[] {
  return [...unrouted(settings, reachable), ...unfollowed(settings), ...unescalated(settings, reachable)];
}

/** What somebody is to be woken for (P2), and of any priority what the file says and nobody hears. */
function unrouted({ notify: { routes }, origin }: Settings, reachable: readonly Channel[]): Warning[] {
  const isReached = (priority: Priority) => routes[priority].some((channel) => reachable.includes(channel));
  const line = (priority: Priority) =>
    origin.lines.get(`notify.routes.${priority}`) ?? firstUnder(origin.lines, priority);
  const silent = (["P0", "P1"] as const).filter((priority) => !isReached(priority));
  const named = priorities.flatMap((priority) => {
    const missing = routes[priority].filter((channel) => !reachable.includes(channel));
    if (line(priority) === null || missing.length === 0 || silent.some((one) => one === priority)) return [];
    const message = `the route of ${priority} names ${missing.join(", ")}, which nothing is configured for`;
    return [{ line: line(priority), message }];
  });
  if (silent.length === 0) return named;
  const message = `nobody is told of ${silent.join(" and ")}, only the log: no channel of their routes is configured`;
  return [{ line: line(silent[0]!), message }, ...named];
}

/** The line of the first channel of a route, where the file says it. */
function firstUnder(lines: ReadonlyMap<string, number>, priority: Priority): number | null {
  const own = [...lines].filter(([at]) => at.startsWith(`notify.routes.${priority}[`)).map(([, line]) => line);
  return own.length === 0 ? null : Math.min(...own);
}

/** Whoever sleeps through the first page of what somebody is to be woken for (N2): allowed, and seldom meant. */
function unfollowed({ escalation, origin }: Settings): Warning[] {
  const silent = (["P0", "P1"] as const).filter((priority) => (escalation[priority] ?? []).length === 0);
  if (silent.length === 0) return [];
  const which = silent.join(" and ");
  const message = `${which} ${silent.length === 1 ? "escalates" : "escalate"} to nobody: whoever is paged first is the only one`;
  return [{ line: origin.lines.get(`escalation.${silent[0]}`) ?? null, message }];
}

function unescalated({ escalation, origin }: Settings, reachable: readonly Channel[]): Warning[] {
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
