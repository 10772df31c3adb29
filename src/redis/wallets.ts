import type { WalletEntry, Wallets } from "../incident/wallets.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** As long as the other windows of an agent's last hour. */
const KEPT_MS = 3_600_000;
const MOST_ENTRIES = 500;
const FAILURE = "-";

export function createWallets(redis: RedisConnection, partitions: number): Wallets {
  return {
    async observe(wallet, { eventId, agentId, at, balance }, nearMs) {
      const found = await runScript<string[]>(redis, "observeWallet", fleetTag(), [
        wallet,
        Math.round(at),
        `${eventId} ${balance ?? FAILURE} ${agentId}`,
        nearMs,
        Math.max(KEPT_MS, 2 * nearMs),
        MOST_ENTRIES,
      ]);
      return Array.from({ length: found.length / 2 }, (_, index) =>
        readEntry(found[index * 2]!, found[index * 2 + 1]!),
      );
    },
    async troubles(agentIds) {
      const rows = agentIds.map(async (agentId) => {
        const agent = keys.agent(partitionOf(agentId, partitions), agentId);
        const [epoch, observed] = await redis
          .hmget(agent, "epoch", "observedEnded")
          .catch((error) => Promise.reject(redisError(error)));
        return [agentId, { epoch: Number(epoch ?? 0), observed: Number(observed ?? 0) }] as const;
      });
      return new Map(await Promise.all(rows));
    },
  };
}

function readEntry(member: string, at: string): WalletEntry {
  const [eventId = "", balance = FAILURE, ...agentId] = member.split(" ");
  return { eventId, balance: balance === FAILURE ? null : balance, agentId: agentId.join(" "), at: Number(at) };
}
