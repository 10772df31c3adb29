import { Cluster, type ClusterOptions, Redis, type RedisOptions } from "ioredis";
import type { RedisAddress } from "../settings/redis-address.ts";

/** One Redis, the master that Sentinels name, or a Cluster: both speak the same commands, a Cluster finds the node by the key. */
export type RedisConnection = Redis | Cluster;

export type ConnectionKind = "producer" | "worker";

/** Reconnects soon: the default strategy adds up to 20 s to an outage (guarantees.md, e10). */
const retrySoon = (times: number) => Math.min(100 * times, 1000);

/**
 * A machine that lost its power closes no connection: without data for so long, while an answer is due, it counts as gone, and
 * whoever Sentinel or the Cluster promoted is looked for. Longer than the longest blocking read of BullMQ, 10 s.
 */
const SILENT_MS = { producer: 3_000, worker: 12_000 } as const;

/**
 * producer: whoever must answer a caller now. Fails within commandTimeout whether Redis is dead or frozen, and resends nothing,
 * because a resent add can become two jobs (guarantees.md section 3).
 * worker: waits out an outage. No commandTimeout: it would cut BullMQ's blocking read.
 */
const options = {
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 1500,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2000,
    socketTimeout: SILENT_MS.producer,
    retryStrategy: (times) => Math.min(100 * times, 500),
    // A master that became a replica is left, not asked again.
    reconnectOnError: (error) => error.message.includes("READONLY"),
  },
  worker: {
    maxRetriesPerRequest: null,
    connectTimeout: 2000,
    socketTimeout: SILENT_MS.worker,
    retryStrategy: retrySoon,
    reconnectOnError: (error) => (error.message.includes("READONLY") ? 2 : false),
  },
} as const satisfies Record<ConnectionKind, RedisOptions>;

/**
 * How often a command of a Cluster is tried anew, 100 ms apart, while nobody serves its slot. A worker waits out the election
 * of a new master (15 s by default, and a little); a producer says soon that it cannot.
 */
const redirections = { producer: 4, worker: 300 } as const;

export function openClient(address: RedisAddress, kind: ConnectionKind): RedisConnection {
  if (address.kind === "standalone") return new Redis(address.url, options[kind]);
  const login = { ...(address.username && { username: address.username }), password: address.password ?? "" };
  if (address.kind === "cluster")
    return thatEnds(
      new Cluster([...address.nodes], clusterOptions({ ...login, ...(address.tls && { tls: {} }) }, kind)),
    );
  const { username, password } = address.sentinelLogin;
  return new Redis({
    ...options[kind],
    ...login,
    sentinels: [...address.sentinels],
    name: address.master,
    db: address.database,
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(address.tls && { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelRetryStrategy: retrySoon,
    // A Sentinel that answers nothing must not keep us from the next one.
    sentinelCommandTimeout: 1000,
  });
}

/**
 * A command that goes on to another node (MOVED) while its client is being disconnected adds that node to it: ioredis then never
 * says that the client ended, and BullMQ, which waits for that before it reads on, takes no job ever again. So such a node goes
 * at once. BullMQ makes each worker's blocking connection by duplicate().
 */
function thatEnds(cluster: Cluster): Cluster {
  cluster.on("+node", (node: Redis) => {
    if (cluster.status === "disconnecting") node.disconnect();
  });
  const duplicate = cluster.duplicate.bind(cluster);
  cluster.duplicate = (...how) => thatEnds(duplicate(...how));
  return cluster;
}

function clusterOptions(
  login: Pick<RedisOptions, "username" | "password" | "tls">,
  kind: ConnectionKind,
): ClusterOptions {
  const {
    enableOfflineQueue = true,
    retryStrategy,
    reconnectOnError: _,
    ...redisOptions
  } = { ...options[kind] } as RedisOptions;
  return {
    enableOfflineQueue,
    clusterRetryStrategy: (times) => retryStrategy?.(times),
    maxRedirections: redirections[kind],
    // ioredis's connect() never settles when this check fails, and BullMQ waits for it before it reads on: whoever came back in
    // the middle of an election would take no job ever again. Without it a command is told CLUSTERDOWN, and tried anew.
    enableReadyCheck: false,
    // Also where nothing goes astray: a node that nobody talks to may have changed its place.
    slotsRefreshInterval: 5000,
    // While a Cluster changes its mind two nodes may point at each other.
    retryDelayOnMoved: 50,
    redisOptions: { ...redisOptions, ...login },
    // Certificates are for names: a name must not be exchanged for its address.
    ...(login.tls && { dnsLookup: (name, answer) => answer(null, name) }),
  };
}
