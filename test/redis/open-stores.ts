import { inject } from "vitest";
import { createAccess } from "../../src/redis/access.ts";
import { createActions } from "../../src/redis/actions.ts";
import { createActivity } from "../../src/redis/activity.ts";
import { createBreakers } from "../../src/redis/breakers.ts";
import { createCaps } from "../../src/redis/caps.ts";
import { createCascades } from "../../src/redis/cascades.ts";
import { createClock } from "../../src/redis/clock.ts";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { createEscalations } from "../../src/redis/escalations.ts";
import { createFleet } from "../../src/redis/fleet.ts";
import { createInbox } from "../../src/redis/inbox.ts";
import { createIncidents } from "../../src/redis/incidents.ts";
import { createMarks } from "../../src/redis/marks.ts";
import { createMeasures } from "../../src/redis/measures.ts";
import { createPages } from "../../src/redis/pages.ts";
import { createPostMortems } from "../../src/redis/post-mortems.ts";
import { createRecoveries } from "../../src/redis/recoveries.ts";
import { createReplicas } from "../../src/redis/replicas.ts";
import { createSilences } from "../../src/redis/silences.ts";
import { createSpending } from "../../src/redis/spending.ts";
import { createStanding } from "../../src/redis/standing.ts";
import { createTunings } from "../../src/redis/tunings.ts";
import { createVerdicts } from "../../src/redis/verdicts.ts";
import { createWallets } from "../../src/redis/wallets.ts";
import { createAgentWatch } from "../../src/redis/watch.ts";
import { createFleetWatch } from "../../src/redis/watch-fleet.ts";
import { createWindows } from "../../src/redis/windows.ts";

/** A job that the inbox asked for. */
export interface Enqueued {
  queue: string;
  partition: number;
  eventId: string;
  agentId: string;
}

export interface Stores {
  redis: RedisConnection;
  access: ReturnType<typeof createAccess>;
  actions: ReturnType<typeof createActions>;
  activity: ReturnType<typeof createActivity>;
  caps: ReturnType<typeof createCaps>;
  recoveries: ReturnType<typeof createRecoveries>;
  clock: ReturnType<typeof createClock>;
  inbox: ReturnType<typeof createInbox>;
  incidents: ReturnType<typeof createIncidents>;
  escalations: ReturnType<typeof createEscalations>;
  marks: ReturnType<typeof createMarks>;
  measures: ReturnType<typeof createMeasures>;
  postMortems: ReturnType<typeof createPostMortems>;
  verdicts: ReturnType<typeof createVerdicts>;
  agentWatch: ReturnType<typeof createAgentWatch>;
  fleetWatch: ReturnType<typeof createFleetWatch>;
  breakers: ReturnType<typeof createBreakers>;
  pages: ReturnType<typeof createPages>;
  silences: ReturnType<typeof createSilences>;
  cascades: ReturnType<typeof createCascades>;
  fleet: ReturnType<typeof createFleet>;
  tunings: ReturnType<typeof createTunings>;
  wallets: ReturnType<typeof createWallets>;
  windows: ReturnType<typeof createWindows>;
  spending: ReturnType<typeof createSpending>;
  standing: ReturnType<typeof createStanding>;
  /** What the inbox handed to the queues, oldest first. */
  enqueued: Enqueued[];
  close(): Promise<void>;
}

/** The stores alone, on a real Redis, in the database of this test process, which is emptied first. */
export async function openStores(partitions = 1): Promise<Stores> {
  const redis = connectRedis(`${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`, "worker", (error) => {
    throw error;
  });
  await redis.flushdb();
  const enqueued: Enqueued[] = [];
  return {
    redis,
    enqueued,
    access: createAccess(redis, partitions),
    actions: createActions(redis, partitions, createReplicas(redis, 0)),
    activity: createActivity(redis, partitions),
    caps: createCaps(redis, partitions),
    recoveries: createRecoveries(redis, partitions),
    clock: createClock(redis),
    inbox: createInbox(
      redis,
      partitions,
      async (queue, partition, eventId, agentId) => {
        enqueued.push({ queue, partition, eventId, agentId });
      },
      createReplicas(redis, 0),
    ),
    incidents: createIncidents(redis, partitions),
    escalations: createEscalations(redis, partitions),
    marks: createMarks(redis, partitions),
    measures: createMeasures(redis, partitions),
    postMortems: createPostMortems(redis),
    verdicts: createVerdicts(redis, partitions),
    agentWatch: createAgentWatch(redis, partitions),
    fleetWatch: createFleetWatch(redis, partitions),
    breakers: createBreakers(redis, partitions),
    pages: createPages(redis, partitions),
    silences: createSilences(redis),
    cascades: createCascades(redis, partitions),
    fleet: createFleet(redis, partitions),
    tunings: createTunings(redis),
    wallets: createWallets(redis, partitions),
    windows: createWindows(redis, partitions),
    spending: createSpending(redis, partitions),
    standing: createStanding(redis, partitions),
    async close() {
      await redis.quit();
    },
  };
}
