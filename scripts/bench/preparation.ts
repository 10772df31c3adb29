import { randomBytes } from "node:crypto";
import { parseMoney } from "../../src/incident/money.ts";
import { createCaps } from "../../src/redis/caps.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { keys } from "../../src/redis/keys.ts";
import { until } from "./clock.ts";
import type { GatewayDouble } from "./gateway/gateway.ts";

/** Agents for the next round, and the end of the one before. */
export interface Preparation {
  /** New at the gateway. capsKnown: the product has seen their caps a moment ago, as it does when a window fills. */
  agents(count: number, capsKnown: boolean): Promise<readonly string[]>;
  /** The agent's incident and its status, or null. */
  incidentOf(agentId: string): Promise<{ id: string; status: string } | null>;
  containedMs(incidentId: string): Promise<number>;
  /** No accepted event is without its disposition any more. */
  settle(): Promise<void>;
  /** Forgets everything: another gateway double counts its escrows from the same beginning. For when no worker runs. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

const dailyCap = parseMoney("500.00")!;
const monthlyCap = parseMoney("15000.00")!;

export function openPreparation(redisUrl: string, gateway: GatewayDouble): Preparation {
  const redis = connectRedis(redisUrl, "worker", (error) => console.error(error.message));
  const caps = createCaps(redis, 1);
  return {
    async agents(count, capsKnown) {
      const run = randomBytes(4).toString("hex");
      const agentIds = Array.from({ length: count }, (_, index) => `bench-${run}-${index}`);
      await gateway.placeAgents(agentIds);
      const seen = { dailyCap, monthlyCap, alertThreshold: 0.8 };
      if (capsKnown) await Promise.all(agentIds.map((agentId) => caps.see(agentId, seen)));
      return agentIds;
    },
    async incidentOf(agentId) {
      const id = await redis.hget(keys.agent(0, agentId), "incident");
      return id === null ? null : { id, status: (await redis.hget(keys.incident(0, id), "status")) ?? "" };
    },
    async containedMs(incidentId) {
      const timeline = await redis.lrange(keys.timeline(0, incidentId), 0, -1);
      const entries = timeline.map((text) => JSON.parse(text) as { detail?: { containedMs?: number } });
      return entries.find(({ detail }) => detail?.containedMs !== undefined)?.detail?.containedMs ?? Number.NaN;
    },
    async settle() {
      await until(async () => (await redis.zcard(keys.pending(0))) === 0, "every event to get its disposition");
    },
    forget: async () => void (await redis.flushall()),
    close: async () => redis.disconnect(),
  };
}
