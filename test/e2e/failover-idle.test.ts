import { Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { queueNames, workerSettings } from "../../src/queues/jobs.ts";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { queuePrefix } from "../../src/redis/keys.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startSentinelSetup } from "../support/redis-sentinel.ts";
import { until } from "../support/until.ts";

const PARTITIONS = 8;
/** A read that was cut off is made again after 6 s at the latest, one that was answered with an error after 5 s. */
const HEALED_MS = 10_000;

interface Setup {
  url: string;
  /** Kills a master and resolves when another one has its place. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** Every queue of every partition with a worker that has nothing to do. */
class IdleWorkers {
  readonly #connection: RedisConnection;
  readonly #workers: readonly Worker[];
  readonly #queues: readonly Queue[];
  #done = 0;

  constructor(url: string) {
    this.#connection = connectRedis(url, "worker", () => undefined);
    const connection = this.#connection;
    const all = queueNames.flatMap((name) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({ name, prefix: queuePrefix(partition) })),
    );
    const work = async () => {
      this.#done += 1;
    };
    this.#workers = all.map(({ name, prefix }) => new Worker(name, work, { connection, prefix, ...workerSettings }));
    this.#queues = all.map(({ name, prefix }) => new Queue(name, { connection, prefix }));
    for (const one of this.#workers) one.on("error", () => undefined);
    for (const one of this.#queues) one.on("error", () => undefined);
  }

  /** How many of the queues' jobs were done in time, of how many. */
  async eachDoesOne(): Promise<{ done: number; of: number }> {
    this.#done = 0;
    const of = this.#queues.length;
    await Promise.all(this.#queues.map((queue) => queue.add("look", {})));
    await until(async () => this.#done === of, "every queue's job to be done", HEALED_MS, 50).catch(() => undefined);
    return { done: this.#done, of };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(true)));
    this.#connection.disconnect();
  }
}

async function clustered(): Promise<Setup> {
  const cluster = await startRedisCluster(3, { replicated: true });
  const [master] = cluster.nodes;
  const survivor = connectRedis(cluster.nodes[1]!.url, "worker", () => undefined);
  const hasElected = async () => {
    const [info, nodes] = await Promise.all([survivor.cluster("INFO"), survivor.call("CLUSTER", "NODES")]);
    const lost = String(nodes)
      .split("\n")
      .find((line) => line.includes(`:${master!.port}@`));
    return String(info).includes("cluster_state:ok") && / master,fail /.test(lost!) && !/ \d+-\d+/.test(lost!);
  };
  return {
    url: cluster.url,
    async failOver() {
      await master!.kill("SIGKILL");
      await until(hasElected, "a replica to be elected", 20_000, 100);
    },
    async stop() {
      survivor.disconnect();
      await cluster.stop();
    },
  };
}

async function guarded(): Promise<Setup> {
  const setup = await startSentinelSetup(2);
  return {
    ...setup,
    async failOver() {
      const before = await setup.masterPort();
      await setup.master.kill("SIGKILL");
      await until(async () => (await setup.masterPort()) !== before, "a replica to be the master", 20_000, 100);
    },
  };
}

describe.each([
  ["a Redis Cluster", clustered],
  ["Sentinels", guarded],
])("a failover of %s under idle workers", (_, start) => {
  let setup: Setup;
  let workers: IdleWorkers | undefined;
  beforeAll(async () => {
    setup = await start();
  }, 60_000);
  afterEach(() => workers?.close());
  afterAll(() => setup.stop());

  it("leaves no queue of any partition unread", async () => {
    workers = new IdleWorkers(setup.url);
    const all = { done: queueNames.length * PARTITIONS, of: queueNames.length * PARTITIONS };
    expect(await workers.eachDoesOne()).toEqual(all);
    const readingSince = performance.now();
    // Each read is given up after 6 s: so in the middle of the election, when a new connection finds the Cluster not whole.
    await until(async () => performance.now() - readingSince > 3_000, "the reads to be half over");
    await setup.failOver();
    expect(await workers.eachDoesOne()).toEqual(all);
  }, 60_000);
});
