import type { Access } from "../incident/access.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { shortHash, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LIFETIME_MS = 90 * DAY_MS;
/** Addresses and programs of one agent that are remembered; 2.6 KB each. */
const MOST_VALUES = 50;

export function createAccess(redis: RedisConnection, partitions: number): Access {
  const tagOf = (agentId: string) => tagKey(partitionOf(agentId, partitions));
  return {
    async observe(agentId, authentication, founding) {
      const { eventId, at, address, userAgent } = authentication;
      const [foundedAt, known, foundedDay, addressAt, userAgentAt, hourAt, stoodDownAt, epoch, observed] =
        await runScript<string[]>(redis, "observeAccess", tagOf(agentId), [
          agentId,
          eventId,
          Math.round(at),
          hashOf(address),
          hashOf(userAgent),
          Math.floor(at / HOUR_MS) % 24,
          Math.floor(at / DAY_MS),
          founding.authentications,
          founding.days,
          MOST_VALUES,
          LIFETIME_MS,
        ]);
      return {
        ...authentication,
        foundedAt: timeOrNull(foundedAt),
        known: Number(known),
        foundedDay: timeOrNull(foundedDay),
        firstSeen: { address: timeOrNull(addressAt), userAgent: timeOrNull(userAgentAt), hour: Number(hourAt) },
        stoodDownAt: timeOrNull(stoodDownAt),
        epoch: Number(epoch),
        observed: Number(observed),
      };
    },
    async pin(agentId, publicKey) {
      const [firstKey, epoch, observed] = await runScript<string[]>(redis, "pinKey", tagOf(agentId), [
        agentId,
        publicKey ?? "",
      ]);
      return { firstKey: firstKey || null, epoch: Number(epoch), observed: Number(observed) };
    },
  };
}

/** Of a bounded length whatever stands in it; only equality counts. */
const hashOf = (value: string | null): string => (value === null ? "" : shortHash(value));
const timeOrNull = (value: string | undefined): number | null => (value ? Number(value) : null);
