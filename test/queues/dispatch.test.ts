import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createDispatch, openQueues, type Queues } from "../../src/queues/dispatch.ts";
import { queueNames } from "../../src/queues/jobs.ts";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { queuePrefix } from "../../src/redis/keys.ts";

let redis: RedisConnection;
let queues: Queues;
const url = () => `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;
const fail = (error: Error) => {
  throw error;
};
const open = (connection: RedisConnection, partitions: number) =>
  openQueues(connection, partitions, queuePrefix, () => undefined);

beforeAll(() => {
  redis = connectRedis(url(), "worker", fail);
  queues = open(redis, 2);
});
beforeEach(() => redis.flushdb().then(() => undefined));
afterAll(async () => {
  await queues.close();
  redis.disconnect();
});

const dispatch = () => createDispatch(queues, (id) => Number(id.split("-")[1]));
const jobsOf = async (queue: "contain" | "notification", partition: number) =>
  (await queues.of(queue, partition).getJobs()).map((job) => job.id);

describe("a job that is handed over", () => {
  it("waits in the partition of whom it is about, with nothing but ids", async () => {
    await dispatch().add("contain", "inc-1-abc", "contain-1", { incidentId: "inc-1-abc" });
    expect(await jobsOf("contain", 1)).toEqual(["contain-1"]);
    expect(await jobsOf("contain", 0)).toEqual([]);
    const job = await queues.of("contain", 1).getJob("contain-1");
    expect(job?.data).toEqual({ incidentId: "inc-1-abc" });
    expect(job?.opts).toMatchObject({ attempts: 1000, backoff: { type: "custom" } });
  });

  it("is one job under its id, however often it is handed over", async () => {
    for (let time = 0; time < 3; time += 1)
      await dispatch().add("contain", "inc-0-abc", "contain-1", { incidentId: "inc-0-abc" });
    expect(await jobsOf("contain", 0)).toEqual(["contain-1"]);
  });

  it("is live while it waits or is delayed, and not when it is gone", async () => {
    const data = { agentId: "a", incidentId: null, signalId: null, kind: "page", what: "contained" } as const;
    await dispatch().add("notification", "inc-0-a", "page-now", data);
    await dispatch().add("notification", "inc-0-a", "page-later", data, { delayMs: 60_000 });
    const isLive = (jobId: string) => dispatch().isLive("notification", "inc-0-a", jobId);
    expect(await Promise.all(["page-now", "page-later", "never"].map(isLive))).toEqual([true, true, false]);
    expect(await queues.of("notification", 0).getDelayedCount()).toBe(1);
    await (await queues.of("notification", 0).getJob("page-now"))?.remove();
    expect(await isLive("page-now")).toBe(false);
  });

  it("has a queue for every row of the table in every partition, and no other", () => {
    expect(queues.all()).toHaveLength(queueNames.length * 2);
    expect(() => queues.of("contain", 2)).toThrow(/no queue contain in partition 2/);
  });
});

describe("when Redis cannot be reached", () => {
  it("is not said to be queued", async () => {
    const gone = connectRedis("redis://127.0.0.1:1/0", "producer", () => undefined);
    const unreachable = open(gone, 1);
    const lost = createDispatch(unreachable, () => 0);
    await expect(lost.add("contain", "inc-0-a", "contain-1", { incidentId: "inc-0-a" })).rejects.toMatchObject({
      code: "redis-unavailable",
    });
    gone.disconnect();
  });
});
