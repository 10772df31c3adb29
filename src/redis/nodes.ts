import { Cluster, Command, type Redis } from "ioredis";
import { TourniquetError } from "../errors.ts";
import type { RedisConnection } from "./connection.ts";
import { fleetTag, type Key, tagKey } from "./keys.ts";

/**
 * The connection to the node that has this key: of a Cluster the master of its slot, else the only one there is. For what is
 * said to a server and names no key: WAIT, INFO, SCAN. Throws redis-unavailable while nobody has the slot.
 */
export function nodeOf(redis: RedisConnection, key: Key): Redis {
  const node = findNode(redis, key);
  if (!node) throw new TourniquetError("redis-unavailable", `no master of the Redis Cluster has the slot of ${key}`);
  return node;
}

export function findNode(redis: RedisConnection, key: Key): Redis | undefined {
  if (!(redis instanceof Cluster)) return redis;
  const [address] = redis.slots[new Command("get", [key]).getSlot()] ?? [];
  const found = redis.nodes("master").find((node) => nodeName(node) === address);
  // One that was lost is looked for when a command goes astray; whoever asks here sends none.
  if (!found) redis.refreshSlotsCache();
  return found;
}

/** Every node that has something of ours, with one of the tags on it: nobody cares about a master that has nothing. */
export function ourNodes(redis: RedisConnection, partitions: number): ReadonlyMap<Redis, Key> {
  const tags = [fleetTag(), ...Array.from({ length: partitions }, (_, partition) => tagKey(partition))];
  return new Map(tags.map((tag) => [nodeOf(redis, tag), tag]));
}

/** How a node is called in what people read. */
export function nodeName({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}
