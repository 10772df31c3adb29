import type { Redis } from "ioredis";
import type { RedisState } from "../incident/redis-state.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import type { Key } from "./keys.ts";
import { ourNodes } from "./nodes.ts";

/**
 * Writes a key to every node that has something of ours and reads the figures that tell whether the next write will succeed
 * too; answers the worst of each. waitReplicas: how many replicas an event must be on. Throws redis-unavailable or redis-full.
 */
export async function probeRedis(
  redis: RedisConnection,
  partitions: number,
  waitReplicas: number,
): Promise<RedisState> {
  try {
    const nodes = [...ourNodes(redis, partitions)];
    const states = await Promise.all(nodes.map(([node, tag]) => probeNode(node, tag, waitReplicas)));
    return states.reduce(worse);
  } catch (error) {
    throw redisError(error);
  }
}

async function probeNode(node: Redis, tag: Key, waitReplicas: number): Promise<RedisState> {
  await node.set(`${tag}:probe`, "1", "EX", 60);
  const sections = ["memory", "persistence", "replication"].map((section) => node.info(section));
  const [memory = "", persistence = "", replication = ""] = await Promise.all(sections);
  const field = (text: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1] ?? "";
  return {
    usedBytes: Number(field(memory, "used_memory")),
    maxBytes: Number(field(memory, "maxmemory")),
    aofEnabled: field(persistence, "aof_enabled") === "1",
    aofLastWriteOk: field(persistence, "aof_last_write_status") !== "err",
    evictionPolicy: field(memory, "maxmemory_policy"),
    missingReplicas: Math.max(0, waitReplicas - inStep(replication)),
    waitsForReplicas: waitReplicas > 0,
  };
}

/** Replicas say once a second how far they are. One that is silent for longer, or still being filled, is no use. */
const MOST_LAG_S = 3;

function inStep(replication: string): number {
  const lags = [...replication.matchAll(/^slave\d+:.*state=online.*lag=(\d+)/gm)].map(([, lag]) => Number(lag));
  return lags.filter((lag) => lag <= MOST_LAG_S).length;
}

function worse(a: RedisState, b: RedisState): RedisState {
  const share = ({ usedBytes, maxBytes }: RedisState) => (maxBytes > 0 ? usedBytes / maxBytes : 0);
  const { usedBytes, maxBytes } = share(b) > share(a) ? b : a;
  return {
    usedBytes,
    maxBytes,
    aofEnabled: a.aofEnabled && b.aofEnabled,
    aofLastWriteOk: a.aofLastWriteOk && b.aofLastWriteOk,
    evictionPolicy: a.evictionPolicy === "noeviction" ? b.evictionPolicy : a.evictionPolicy,
    missingReplicas: Math.max(a.missingReplicas, b.missingReplicas),
    waitsForReplicas: a.waitsForReplicas,
  };
}
