import type { Services } from "../services.ts";
import type { Settings } from "../settings/settings.ts";

/** Agents that events told of are looked through up to here; so many are an item's worth of figures. */
const MOST_SEEN = 200;

/** Whom it is about: those of the settings, else those that events told of. */
export async function watchedAgents(
  { fleet, watch }: Pick<Settings, "fleet" | "watch">,
  { agentWatch }: Pick<Services, "agentWatch">,
): Promise<readonly string[]> {
  if (fleet.agents.length > 0) return fleet.agents.map(({ id }) => id);
  return agentWatch.seenAgents(Math.min(watch.seenAgents, MOST_SEEN));
}

export const NOBODY = "no agents: the settings name none (fleet.agents), and no event told of one";
export const NAME_THEM =
  "Name your agents in the settings (fleet.agents): they are polled, pinned and measured by name";

/** "a, b, c and 4 others" */
export function some(names: readonly string[], most = 5): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} others`;
}

/** "12 s", "5 min", "3 h", "2 d" */
export function lasting(ms: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const [length, unit] = units.find(([length]) => ms >= length) ?? units[3];
  return `${Math.max(0, Math.round(ms / length))} ${unit}`;
}
