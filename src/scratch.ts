import type { Delivery } from "./incident/inbox.ts";
import { createAccess } from "./redis/access.ts";
import { createActivity } from "./redis/activity.ts";
import { type Aging, createAging } from "./redis/aging.ts";
import { createCascades } from "./redis/cascades.ts";
import { connectRedis } from "./redis/connection.ts";
import { identityOf } from "./redis/inbox.ts";
import { createIncidents } from "./redis/incidents.ts";
import { newEventId } from "./redis/partitions.ts";
import { createStanding } from "./redis/standing.ts";
import { createVerdicts } from "./redis/verdicts.ts";
import { createWallets } from "./redis/wallets.ts";
import { createWindows } from "./redis/windows.ts";

/** The stores that detection needs, on a Redis where nothing else is: what is tried there touches nothing that runs. */
export type Scratch = ReturnType<typeof createStores> & {
  aging: Aging;
  close(): Promise<void>;
};

/** Opens a connection; close it. url: an empty database of a Redis that is thrown away afterwards. */
export function openScratch(url: string, partitions: number): Scratch {
  // A Redis that has ended is noticed by whoever started it.
  const redis = connectRedis(url, "worker", () => undefined);
  return {
    ...createStores(redis, partitions),
    aging: createAging(redis, partitions),
    close: async () => redis.disconnect(),
  };
}

/** The id that the inbox gives this delivery, and how long it is remembered, in milliseconds. */
export function inboxIdentity(delivery: Delivery, partitions: number): { eventId: string; lifetimeMs: number } {
  const { hash, ttlMs } = identityOf(delivery);
  return { eventId: newEventId(delivery.agentId, partitions, hash), lifetimeMs: ttlMs };
}

function createStores(redis: ReturnType<typeof connectRedis>, partitions: number) {
  return {
    windows: createWindows(redis, partitions),
    standing: createStanding(redis, partitions),
    activity: createActivity(redis, partitions),
    access: createAccess(redis, partitions),
    wallets: createWallets(redis, partitions),
    verdicts: createVerdicts(redis, partitions),
    incidents: createIncidents(redis, partitions),
    cascades: createCascades(redis, partitions),
  };
}
