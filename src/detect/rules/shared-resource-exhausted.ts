import { formatMoney, money } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { WalletEntry } from "../../incident/wallets.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import type { Finding, Rule, Trouble } from "./rule.ts";

/** One wallet, as it looks for one of its agents. */
export interface WalletView extends Trouble {
  agentId: string;
  wallet: string;
  /** Every agent that the settings name with this wallet, sorted. */
  sharers: readonly string[];
  entries: readonly WalletEntry[];
}

const MOST_NAMES = 20;

/**
 * D8: agents of one wallet fail for lack of balance, or one does and the balance is gone. It concerns those who failed: who
 * merely shares the wallet has done nothing, and is named for the person who reads it. A balance that is gone before anybody
 * failed is a warning, about the first of its agents, so that it is said once.
 */
export const sharedResourceExhausted: Rule<WalletView> = {
  name: "shared-resource-exhausted",
  version: 1,
  signal: "shared-resource-exhausted",
  find(view, { sharedResource }): Finding | null {
    if (view.sharers.length < 2) return null;
    const failures = view.entries.filter(({ balance }) => balance === null);
    const empty = view.entries.filter(
      ({ balance }) => balance !== null && money(balance) <= sharedResource.minimumBalance,
    );
    const own = failures.filter(({ agentId }) => agentId === view.agentId);
    const run = mostAgents(failures, own, sharedResource.windowMs);
    if (agentsOf(run).length >= sharedResource.agents) return finding(view, run, sharedResource);
    const near = (a: WalletEntry, b: WalletEntry) => Math.abs(a.at - b.at) <= sharedResource.windowMs;
    const reading = empty.findLast((one) => own.some((failure) => near(one, failure)));
    if (reading) return finding(view, [...run, reading], sharedResource);
    const alone = empty.findLast((one) => !failures.some((failure) => near(one, failure)));
    if (!alone || view.agentId !== view.sharers[0]) return null;
    return { ...finding(view, [alone], sharedResource), severity: "warning" };
  },
};

/** Of the runs of failures with one of the agent's own in it, the one with the most agents. */
function mostAgents(failures: readonly WalletEntry[], own: readonly WalletEntry[], windowMs: number) {
  const runs = failures.map((first) => failures.filter(({ at }) => at >= first.at && at - first.at <= windowMs));
  const withOwn = runs.filter((run) => own.some((failure) => run.includes(failure)));
  return withOwn.reduce<readonly WalletEntry[]>(
    (best, run) => (agentsOf(run).length > agentsOf(best).length ? run : best),
    [],
  );
}

const agentsOf = (entries: readonly WalletEntry[]): string[] => [...new Set(entries.map(({ agentId }) => agentId))];

function finding(view: WalletView, run: readonly WalletEntry[], limits: Thresholds["sharedResource"]): Finding {
  const failed = agentsOf(run.filter(({ balance }) => balance === null)).sort();
  const balance = run.find((entry) => entry.balance !== null)?.balance;
  const others = view.sharers.filter((agentId) => !failed.includes(agentId)).slice(0, MOST_NAMES);
  const said = [
    failed.length > 0 ? `${failed.join(", ")} failed for lack of balance` : "nobody has failed yet",
    ...(balance === undefined || balance === null ? [] : [`the balance was read as ${dollars(balance)}`]),
    ...(others.length > 0 ? [`${others.join(", ")} share it`] : []),
  ];
  return {
    severity: "critical",
    sentence: `Wallet ${view.wallet}: ${said.join("; ")}`,
    suspectPayee: null,
    thresholds: {
      agents: limits.agents,
      windowMs: limits.windowMs,
      minimumBalance: formatMoney(limits.minimumBalance),
    },
    observed: {
      wallet: view.wallet,
      failedAgents: failed.length,
      ...(balance === undefined || balance === null ? {} : { balance }),
    },
    baseline: null,
    entries: [...run].sort((a, b) => a.at - b.at),
  };
}
