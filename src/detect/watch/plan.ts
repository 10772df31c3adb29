import { SAVED_SHARE } from "../../incident/watch.ts";
import type { Settings } from "../../settings/settings.ts";

/** One agent's polling: how often it should be looked at, and how often its gateway key can pay for. */
export interface Planned {
  agentId: string;
  wantedMs: number;
  everyMs: number;
}

/** The least a look is worth: the budget, and the held escrows with the request that shows that there are no more. */
export const LEAST_CALLS = 3;
const HOUR_MS = 3_600_000;
const LONGEST_MS = 24 * HOUR_MS;

/** What of a key's hourly limit polling may use; undefined: no limit is set. */
export function pollingShare({ callsPerHour, reserveShare }: Settings["gateway"]): number | undefined {
  return callsPerHour === undefined ? undefined : callsPerHour * (1 - reserveShare);
}

/**
 * Every agent to poll (I7): those of the file, and `seen`, those that no file names but webhooks told of. Where a key cannot pay for all of its agents at the wanted intervals, all of them stretch by the
 * same factor: otherwise whoever's turn comes first would leave nothing to the others.
 */
export function plan(
  settings: Pick<Settings, "fleet" | "watch" | "gateway">,
  seen: readonly string[],
  keyNameOf: (agentId: string) => string,
): readonly Planned[] {
  const { fleet, watch } = settings;
  const wanted = [
    ...fleet.agents.map(({ id, value }) => ({
      agentId: id,
      wantedMs: value === "high" ? watch.highValueEveryMs : watch.lowValueEveryMs,
    })),
    ...seen.map((agentId) => ({ agentId, wantedMs: watch.lowValueEveryMs })),
  ];
  const share = pollingShare(settings.gateway);
  const needed = new Map<string, number>();
  for (const { agentId, wantedMs } of wanted) {
    const key = keyNameOf(agentId);
    needed.set(key, (needed.get(key) ?? 0) + (LEAST_CALLS * HOUR_MS) / wantedMs);
  }
  const stretch = (agentId: string): number =>
    share === undefined ? 1 : Math.max(1, needed.get(keyNameOf(agentId))! / Math.max(share * (1 - SAVED_SHARE), 1));
  return wanted.map(({ agentId, wantedMs }) => ({
    agentId,
    wantedMs,
    everyMs: Math.min(Math.ceil(wantedMs * stretch(agentId)), LONGEST_MS),
  }));
}
