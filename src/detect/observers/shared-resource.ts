import type { GatewayEvent } from "../../incident/event.ts";
import type { Signal } from "../../incident/signal.ts";
import type { WalletEntry } from "../../incident/wallets.ts";
import { fleetAgent } from "../../settings/settings.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { resourceRules } from "../rules/index.ts";
import { windowSignals } from "../window-signals.ts";
import type { ObservePorts, Observer } from "./observer.ts";

/** D8: concludes about every agent of the wallet that is affected, whichever agent's event it was that tipped it. */
export const sharedResourceObserver: Observer = {
  kinds: ["error", "balance"],
  async observe(ports, event, thresholds) {
    const wallet = event.agentId === null ? undefined : fleetAgent(ports.settings, event.agentId)?.wallet;
    const entry = entryOf(event);
    if (wallet === undefined || entry === null) return [];
    const entries = await ports.wallets.observe(wallet, entry, thresholds.sharedResource.windowMs);
    return signalsOf(ports, wallet, entries, thresholds);
  },
};

function entryOf({ id: eventId, agentId, occurredAt: at, facts }: GatewayEvent): WalletEntry | null {
  if (agentId === null) return null;
  if (facts.kind === "balance") return { eventId, agentId, at, balance: facts.balance };
  return facts.kind === "error" && facts.code === "insufficient-balance"
    ? { eventId, agentId, at, balance: null }
    : null;
}

async function signalsOf(
  ports: ObservePorts,
  wallet: string,
  entries: readonly WalletEntry[],
  thresholds: Thresholds,
): Promise<Signal[]> {
  const sharers = ports.settings.fleet.agents.filter((agent) => agent.wallet === wallet).map(({ id }) => id);
  sharers.sort();
  const failures = entries.filter(({ balance }) => balance === null);
  const agentIds = [...new Set([...failures.map(({ agentId }) => agentId), ...sharers.slice(0, 1)])];
  const troubles = await ports.wallets.troubles(agentIds);
  return agentIds.flatMap((agentId) => {
    const trouble = troubles.get(agentId) ?? { epoch: 0, observed: 0 };
    const signals = windowSignals(
      agentId,
      { ...trouble, agentId, wallet, sharers, entries },
      resourceRules,
      thresholds,
    );
    // When it happened to this agent, not to the last of them: a cascade asks who moved first.
    const ownAt = failures.find((failure) => failure.agentId === agentId)?.at;
    return signals.map(({ startedAt: _, ...signal }) => ({ ...signal, occurredAt: ownAt ?? signal.occurredAt }));
  });
}
