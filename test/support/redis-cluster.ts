import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { type RedisProcess, startRedis } from "./redis-process.ts";
import { until } from "./until.ts";

const SLOTS = 16_384;

export interface RedisCluster {
  /** As REDIS_URL has it. */
  url: string;
  nodes: readonly RedisProcess[];
  stop(): Promise<void>;
}

/** A Redis Cluster of that many masters, which share the slots evenly, each with a replica if asked for; the masters come first in nodes. */
export async function startRedisCluster(masters: number, { replicated = false } = {}): Promise<RedisCluster> {
  const size = replicated ? 2 * masters : masters;
  const nodes = await Promise.all(Array.from({ length: size }, startNode));
  const clients = nodes.map(({ url }) => new Redis(url));
  const first = nodes[0]!;
  await Promise.all(
    clients.slice(0, masters).map(async (client, index) => {
      const from = Math.floor((index * SLOTS) / masters);
      const to = Math.floor(((index + 1) * SLOTS) / masters) - 1;
      await client.cluster("ADDSLOTSRANGE", from, to);
      await client.call("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }),
  );
  for (const [index, { busPort }] of nodes.entries())
    if (index > 0) await clients[0]!.call("CLUSTER", "MEET", "127.0.0.1", String(nodes[index]!.port), String(busPort));
  const isWhole = async (client: Redis) => {
    const info = String(await client.cluster("INFO"));
    return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${size}`);
  };
  await until(async () => (await Promise.all(clients.map(isWhole))).every(Boolean), "the cluster to be whole", 20_000);
  await Promise.all(clients.slice(masters).map((client, index) => replicate(clients[index]!, client)));
  for (const client of clients) client.disconnect();
  return {
    url: `redis+cluster://127.0.0.1:${first.port},127.0.0.1:${nodes[masters - 1]!.port}`,
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function replicate(master: Redis, replica: Redis): Promise<void> {
  await replica.call("CLUSTER", "REPLICATE", String(await master.cluster("MYID")));
  const isInStep = async () => String(await master.info("replication")).includes("state=online");
  await until(isInStep, "the replica to be in step", 20_000, 100);
}

async function startNode(): Promise<RedisProcess & { busPort: number }> {
  // By default 10,000 above the other one, which may be no port any more.
  const busPort = await freePort();
  const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(busPort), "--cluster-node-timeout", "3000"];
  const node = await startRedis({ extraArgs: cluster });
  return Object.assign(node, { busPort });
}

/** For whoever must know it before the server is there. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
