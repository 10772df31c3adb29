import type { Redis } from "ioredis";
import { TourniquetError } from "../errors.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";
import { nodeName, ourNodes } from "./nodes.ts";

/** guarantees.md section 2: from here on a clock is worth a warning. Due times are compared with those of other nodes. */
const MOST_SKEW_MS = 2_000;

export interface RedisRules {
  partitions: number;
  /** How many replicas an event must be on before it is answered 202. */
  waitReplicas: number;
  /** Whether another server may take a master's place. */
  hasFailover: boolean;
}

/**
 * Refuses a Redis that would lose or scramble what we keep, by name; answers what is merely unwise (guarantees.md G1). Every
 * master that has something of ours is looked at. Throws config-invalid, or redis-unavailable.
 */
export async function checkRedis(redis: RedisConnection, rules: RedisRules): Promise<readonly string[]> {
  try {
    await refuseOtherPartitions(redis, rules.partitions);
    const nodes = [...ourNodes(redis, rules.partitions).keys()];
    const said = await Promise.all(nodes.map((node) => nodeWarnings(node, rules)));
    const warnings = said.flatMap((some, index) =>
      nodes.length === 1 ? some : some.map((warning) => `${nodeName(nodes[index]!)}: ${warning}`),
    );
    return [...warnings, ...failoverWarnings(rules), ...(await skewWarnings(nodes))];
  } catch (error) {
    throw redisError(error);
  }
}

/** The partition count is fixed with the first start: another one would look for every agent in the wrong slot. */
async function refuseOtherPartitions(redis: RedisConnection, partitions: number): Promise<void> {
  await redis.set(keys.partitions(), String(partitions), "NX");
  const first = await redis.get(keys.partitions());
  if (first === String(partitions)) return;
  throw new TourniquetError(
    "config-invalid",
    `PARTITIONS is ${partitions}, but this Redis was first used with ${first}: set PARTITIONS=${first}, or give an empty Redis`,
  );
}

async function nodeWarnings(node: Redis, rules: RedisRules): Promise<string[]> {
  await refuseOldVersion(node);
  return [...(await settingWarnings(node)), ...(await replicaWarnings(node, rules)), ...(await movingWarnings(node))];
}

/** Older ones know most of our commands, but refuse a script for other reasons and in other words when they are full: nobody tried them. */
const LEAST_MAJOR = 7;

async function refuseOldVersion(node: Redis): Promise<void> {
  const [, version, major] = /redis_version:((\d+)[\d.]*)/.exec(await node.info("server")) ?? [];
  if (Number(major ?? 0) >= LEAST_MAJOR) return;
  throw new TourniquetError(
    "config-invalid",
    `Redis ${version ?? "of an unknown version"} is too old: take Redis ${LEAST_MAJOR} or newer, or Valkey`,
  );
}

async function settingWarnings(node: Redis): Promise<string[]> {
  const read = async (name: string): Promise<string | undefined> => ((await node.config("GET", name)) as string[])[1];
  let settings: Record<"policy" | "aof" | "fsync", string | undefined>;
  try {
    settings = {
      policy: await read("maxmemory-policy"),
      aof: await read("appendonly"),
      fsync: await read("appendfsync"),
    };
  } catch (error) {
    // A managed Redis may forbid CONFIG; then nobody can look, and that is what we say.
    return [
      `cannot read Redis's settings (${error instanceof Error ? error.message : error}): make sure of noeviction, appendonly yes, appendfsync always`,
    ];
  }
  if (settings.policy !== "noeviction")
    throw new TourniquetError(
      "config-invalid",
      `Redis evicts keys (maxmemory-policy ${settings.policy}): set maxmemory-policy noeviction, or incidents disappear`,
    );
  if (settings.aof !== "yes") return ["Redis keeps nothing over a restart: set appendonly yes and appendfsync always"];
  return settings.fsync === "always"
    ? []
    : [`Redis may lose the last second (appendfsync ${settings.fsync}): set appendfsync always`];
}

/** A warning, no refusal: a replica that is away today must not keep the workers from containing. */
async function replicaWarnings(node: Redis, { waitReplicas }: RedisRules): Promise<string[]> {
  const there = Number(/connected_slaves:(\d+)/.exec(await node.info("replication"))?.[1] ?? 0);
  if (there >= waitReplicas) return [];
  return [
    `Redis has ${there} of the ${waitReplicas} replicas that an event must be on before it is answered 202: webhooks are worked and get 503 until they are there (REDIS_WAIT_REPLICAS says how many)`,
  ];
}

/** While a slot is on two nodes a script meets half of its keys. */
async function movingWarnings(node: Redis): Promise<string[]> {
  if (!/cluster_enabled:1/.test(await node.info("cluster"))) return [];
  if (!/\[\d+-[<>]-/.test(String(await node.cluster("NODES")))) return [];
  return ["slots are being moved: stop API and workers until that is done (docs/deploying.md)"];
}

function failoverWarnings({ hasFailover, waitReplicas }: RedisRules): string[] {
  if (!hasFailover || waitReplicas > 0) return [];
  return ["REDIS_WAIT_REPLICAS is 0: when a replica takes over, events that were answered 202 may be lost"];
}

/** Each node's own clock says when something is due there. */
async function skewWarnings(nodes: readonly Redis[]): Promise<string[]> {
  const times = await Promise.all(nodes.map(async (node) => Number((await node.time())[0]) * 1000));
  const skewMs = Math.max(...times) - Math.min(...times);
  return skewMs > MOST_SKEW_MS ? [`the clocks of the Redis masters differ by ${skewMs} ms: keep them by NTP`] : [];
}
