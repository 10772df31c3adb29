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

/** Recovering agents may take so much of a key before the others; more only where those leave it. */
const RECOVERING_SHARE = 0.5;

type PlanSettings = Pick<Settings, "fleet" | "watch" | "gateway" | "recovery">;
interface Wanted {
  agentId: string;
  wantedMs: number;
  isRecovering: boolean;
}

/**
 * Every agent to poll (I7): those of the file, `seen`, those that no file names but webhooks told of, and whoever is recovering
 * (R2), which is looked at closely whatever its value. Where a key cannot pay for all of its agents at the wanted intervals,
 * all of them stretch by the same factor: otherwise whoever's turn comes first would leave nothing to the others. Those that
 * recover stretch last.
 */
export function plan(
  settings: PlanSettings,
  { seen, recovering }: { seen: readonly string[]; recovering: ReadonlySet<string> },
  keyNameOf: (agentId: string) => string,
): readonly Planned[] {
  const wanted = wantedBy(settings, seen, recovering);
  const share = pollingShare(settings.gateway);
  const byKey = Map.groupBy(wanted, ({ agentId }) => keyNameOf(agentId));
  const stretches = new Map(
    [...byKey].map(([key, agents]) => [key, share === undefined ? unstretched : stretchOf(agents, share)]),
  );
  return wanted.map(({ agentId, wantedMs, isRecovering }) => {
    const { tight, others } = stretches.get(keyNameOf(agentId))!;
    const everyMs = Math.min(Math.ceil(wantedMs * (isRecovering ? tight : others)), LONGEST_MS);
    return { agentId, wantedMs, everyMs };
  });
}

function wantedBy({ fleet, watch, recovery }: PlanSettings, seen: readonly string[], recovering: ReadonlySet<string>) {
  const usual = new Map(seen.map((agentId) => [agentId, watch.lowValueEveryMs]));
  for (const { id, value } of fleet.agents)
    usual.set(id, value === "high" ? watch.highValueEveryMs : watch.lowValueEveryMs);
  return [...new Set([...fleet.agents.map(({ id }) => id), ...seen, ...recovering])].map((agentId): Wanted => {
    const isRecovering = recovering.has(agentId);
    const usualMs = usual.get(agentId) ?? watch.lowValueEveryMs;
    return { agentId, wantedMs: isRecovering ? Math.min(usualMs, recovery.lookEveryMs) : usualMs, isRecovering };
  });
}

const unstretched = { tight: 1, others: 1 };

/** By which factors the intervals of one key's agents stretch, so that all together stay within its share. */
function stretchOf(agents: readonly Wanted[], share: number): { tight: number; others: number } {
  const most = Math.max(share * (1 - SAVED_SHARE), 1);
  const needOf = (isTight: boolean) =>
    agents
      .filter(({ isRecovering }) => isRecovering === isTight)
      .reduce((sum, { wantedMs }) => sum + (LEAST_CALLS * HOUR_MS) / wantedMs, 0);
  const [tightNeed, othersNeed] = [needOf(true), needOf(false)];
  const tight = Math.max(1, tightNeed / Math.max(most * RECOVERING_SHARE, most - othersNeed));
  return { tight, others: Math.max(1, othersNeed / (most - tightNeed / tight)) };
}
