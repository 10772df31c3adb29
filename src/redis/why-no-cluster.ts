import { Redis } from "ioredis";
import type { RedisAddress } from "../settings/redis-address.ts";

/** Nobody waits longer to hear why. */
const LOOKED_WITHIN_MS = 2_000;

/**
 * Why no client of this Redis Cluster comes to life, asked of its first node over a connection of its own: ioredis keeps what
 * kept it from a node to itself. Null: that node has nothing to say against it.
 */
export async function whyNoCluster(address: Extract<RedisAddress, { kind: "cluster" }>): Promise<string | null> {
  const { username, password, tls, nodes } = address;
  const [first] = nodes;
  const where = `${first?.host}:${first?.port}`;
  const node = new Redis({
    ...first,
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: {} }),
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: LOOKED_WITHIN_MS,
    commandTimeout: LOOKED_WITHIN_MS,
  });
  let met: Error | undefined;
  node.on("error", (error) => {
    met = error;
  });
  try {
    await node.connect();
    const slots = await node.cluster("SLOTS");
    if (slots.length === 0) return `${where}: no node has a slot yet; create the cluster`;
    if (slots.some(([, , master]) => !master?.[0]))
      return `${where}: this node knows no address of its own to tell its clients; set cluster-announce-ip at it`;
    return null;
  } catch (error) {
    return `${where}: ${(met ?? (error as Error)).message}`;
  } finally {
    node.disconnect();
  }
}
