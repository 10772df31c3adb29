import { once } from "node:events";
import type { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IncidentView } from "../../src/incident/incident.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { tagKey } from "../../src/redis/keys.ts";
import { nodeOf, ourNodes } from "../../src/redis/nodes.ts";
import { partitionOf, partitionOfId } from "../../src/redis/partitions.ts";
import { runCommandWith } from "../cli/run-command.ts";
import { created, expectStopped, intake, night, playNight, standDown } from "../support/night.ts";
import { type Product, RESPONDER, startProduct } from "../support/product.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";

const PARTITIONS = 8;
const PAYER = "procurement-17";
/** One wallet, three partitions, three masters. */
const [FIRST, ...OTHERS] = ["buyer-a", "buyer-b", "buyer-c"] as const;
const BUYERS = [FIRST, ...OTHERS];

const settings = `
gateway: { deadlineMs: 2000, inFlightBoundMs: 10000 }
fleet:
  agents:
    - { id: ${PAYER}, caps: { daily: 1.00, monthly: 1.00, alertThreshold: 0.65 } }
${BUYERS.map((id) => `    - { id: ${id}, wallet: ops }`).join("\n")}
recovery:
  rungs: [{ afterMs: 0, percent: 50 }, { afterMs: 500, percent: 100 }]
  normalAfterMs: 1000
  lookEveryMs: 1000
`;

let cluster: RedisCluster;
let product: Product;
beforeAll(async () => {
  cluster = await startRedisCluster(3);
  product = await startProduct({
    workers: ["all", "all"],
    settings,
    environment: { REDIS_URL: cluster.url, PARTITIONS: String(PARTITIONS), REDIS_WAIT_REPLICAS: "0" },
  });
  for (const agentId of BUYERS) await product.admin.placeAgent(agentId);
}, 90_000);
afterAll(async () => {
  await product.close();
  await cluster.stop();
});

const masterOf = (agentId: string) => {
  const tag = tagKey(partitionOf(agentId, PARTITIONS));
  return nodeOf(product.services.redis, tag);
};
const incidentsOf = async (agentIds: readonly string[]) =>
  (await product.services.incidents.list(50)).filter(({ agentId }) => agentIds.includes(agentId));
const untilAll = (agentIds: readonly string[], status: IncidentView["status"]) =>
  until(
    async () => {
      const found = await incidentsOf(agentIds);
      return found.length === agentIds.length && found.every((one) => one.status === status) && found;
    },
    `${agentIds} to be ${status}`,
    60_000,
    100,
  );

describe("on a Redis Cluster of three masters", () => {
  it("every master has a part of the agents", () => {
    expect(ourNodes(product.services.redis, PARTITIONS).size).toBe(3);
    expect(new Set(BUYERS.map(masterOf)).size).toBe(3);
  });

  it("a runaway agent is stopped and every dollar is back, though a worker is killed meanwhile", async () => {
    const isCancelling = () => until(async () => (await product.admin.calls("cancel_escrow")) > 0, "the first cancel");
    const killed = isCancelling().then(() => product.workers[0]!.kill());
    await playNight(product, night(PAYER));
    await killed;
    const incident = await expectStopped(product, PAYER);
    expect(partitionOfId(incident.id)).toBe(partitionOf(PAYER, PARTITIONS));
    expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, PAYER));
    await standDown(product, incident);
  }, 120_000);

  it("agents of one wallet on different masters are contained as one cascade", async () => {
    await product.admin.holdEscrows(FIRST, "flaky-upstream", "150.00", 4);
    for (const agentId of BUYERS) await product.admin.announce("budget_threshold", agentId, { utilization_pct: 99 });
    const found = await untilAll(BUYERS, "contained");
    await until(
      async () => new Set((await incidentsOf(BUYERS)).map(({ cascadeId }) => cascadeId)).size === 1,
      "one cascade",
    );
    const [cascadeId] = (await incidentsOf(BUYERS)).map((one) => one.cascadeId);
    expect(cascadeId).not.toBeNull();
    expect(found.map(({ agentId }) => agentId).sort()).toEqual([...BUYERS].sort());
    const frozen = (await product.admin.state()).agents.filter(({ agentId }) =>
      BUYERS.includes(agentId as typeof FIRST),
    );
    expect(frozen.map(({ caps, locked }) => `${caps.daily} ${locked}`)).toEqual(BUYERS.map(() => "0.00 0.00"));
  }, 90_000);

  it("a dead letter is listed and replayed, over HTTP", async () => {
    const [{ id }] = (await incidentsOf([FIRST])) as [IncidentView];
    const bull = product.services.queues.of("forensics", partitionOfId(id));
    const jobId = `evidence-${id}`;
    const isDone = async () => (await bull.getJobState(jobId)) === "completed";
    await until(isDone, "the evidence to be taken", 30_000, 100);
    const finishedOn = Date.now();
    await product.services.redis
      .multi()
      .zrem(bull.toKey("completed"), jobId)
      .hset(bull.toKey(jobId), { finishedOn, failedReason: "gateway-failed: an outage" })
      .zadd(bull.toKey("failed"), finishedOn, jobId)
      .exec();
    expect((await product.services.deadLetters.list({}, 10)).deadLetters).toHaveLength(1);
    const order = { filter: {}, limit: 10, dryRun: false, by: "ada", reason: "the outage is over" };
    expect((await product.services.deadLetters.replay(order)).results).toMatchObject([{ answer: "replayed" }]);
    await until(isDone, "it to be taken again", 30_000, 100);
  }, 60_000);

  it("a recovery takes its rungs to the end", async () => {
    const [{ id }] = (await incidentsOf([PAYER])) as [IncidentView];
    expect(id).toMatch(/^inc-/);
    for (const { id: incidentId, agentId } of await incidentsOf(BUYERS)) {
      const path = agentId === FIRST ? "recover" : "stand-down";
      const body =
        agentId === FIRST ? { by: "ada", rootCause: "a loop", fix: "v2.3" } : { by: "ada", reason: "not at fault" };
      const answer = await ask("POST", `/api/incidents/${incidentId}/${path}`, body);
      expect({ path, status: answer.status, said: await answer.text() }).toMatchObject({ status: 202 });
    }
    await untilAll([FIRST], "resolved");
    await untilAll(OTHERS, "stood-down");
    const caps = (await product.admin.state()).agents.filter(({ agentId }) => agentId !== PAYER);
    expect(new Set(caps.filter(({ agentId }) => agentId.startsWith("buyer")).map((one) => one.caps.daily))).toEqual(
      new Set(["500.00"]),
    );
  }, 90_000);

  it("a connection that learns of a node while it is being closed comes to its end all the same", async () => {
    const parent = connectRedis(cluster.url, "worker", () => undefined) as Cluster;
    // As BullMQ makes one for each worker's blocking read.
    const client = parent.duplicate();
    await until(async () => client.status === "ready", "the connection to be ready");
    await Promise.all(client.nodes().map((node) => node.ping()));
    const ended = once(client, "end", { signal: AbortSignal.timeout(3_000) });
    client.disconnect();
    // What ioredis does where the answer MOVED comes at this moment.
    const { connectionPool } = client as unknown as { connectionPool: { findOrCreate(node: object): unknown } };
    connectionPool.findOrCreate({ host: "127.0.0.1", port: cluster.nodes[0]!.port });
    await expect(ended).resolves.toEqual([]);
    parent.disconnect();
  });

  it("a master that dies and comes back is found again by everybody", async () => {
    const LATE = "buyer-d";
    const master = cluster.nodes.find(({ port }) => port === masterOf(LATE).options.port)!;
    await master.kill("SIGKILL");
    await master.restart();
    await product.admin.placeAgent(LATE);
    await product.admin.announce("budget_threshold", LATE, { utilization_pct: 99 });
    expect(await untilAll([LATE], "contained")).toHaveLength(1);
  }, 90_000);

  it("what was received is found again on every master, each event once", async () => {
    const stored = async () => {
      const { accepted, dispositions } = await intake(product);
      return accepted - dispositions.duplicate;
    };
    const found: string[] = [];
    // Polling goes on meanwhile.
    const atLeast = await stored();
    for await (const { id } of product.services.recorded.since(0)) found.push(id);
    expect(found.length).toBeGreaterThanOrEqual(atLeast);
    expect(found.length).toBeLessThanOrEqual(await stored());
    expect(new Set(found).size).toBe(found.length);
    expect(new Set(found.map(partitionOfId)).size).toBeGreaterThan(3);
  });

  it("whoever looks sees all of it, and no command ever crossed a slot", async () => {
    for (const path of ["/readyz", "/metrics", "/api/incidents", "/api/dead-letters", "/api/fleet", "/api/intake"])
      expect({ path, status: (await ask("GET", path)).status }).toMatchObject({ status: 200 });
    const listed = await runCommandWith(product.environment, "incidents", "list", "--json");
    expect({ code: listed.code, has: BUYERS.every((id) => listed.out.includes(id)) }).toEqual({ code: 0, has: true });
    for (const one of [product.api, ...product.workers])
      expect(one.output()).not.toMatch(/CROSSSLOT|non local key|same slot|slots allocation/);
  });
});

function ask(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${RESPONDER}`, "content-type": "application/json" };
  return fetch(`${product.api.url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
