import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { created, expectStopped, intake, night, playNight, standDown } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { type SentinelSetup, startSentinelSetup } from "../support/redis-sentinel.ts";
import { escrowOpened, sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

const PAYER = "procurement-17";

let setup: SentinelSetup;
let product: Product;
beforeAll(async () => {
  setup = await startSentinelSetup(3);
  product = await startProduct({ workers: ["all", "all"], environment: { REDIS_URL: setup.url } });
}, 90_000);
afterAll(async () => {
  await product?.close();
  await setup?.stop();
});

const isReady = async () => (await fetch(`${product.api.url}/readyz`)).status === 200;
const readiness = async () => (await fetch(`${product.api.url}/readyz`)).text();

describe("behind Sentinels, with a replica that must have what is answered 202", () => {
  it("a master that is killed in the middle of a story costs nothing: frozen once, refunded once, nothing accepted is lost", async () => {
    const before = await setup.masterPort();
    let accepted = 0;
    const killed = until(async () => (await product.admin.calls("cancel_escrow")) > 0, "the first cancel", 60_000).then(
      async () => {
        accepted = (await intake(product)).accepted;
        await setup.master.kill("SIGKILL");
      },
    );
    await playNight(product, night(PAYER));
    await killed;
    const incident = await expectStopped(product, PAYER);
    expect(await setup.masterPort()).not.toBe(before);
    expect(accepted).toBeGreaterThan(7);
    expect((await intake(product)).accepted).toBeGreaterThanOrEqual(accepted);
    expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, PAYER));
    await until(isReady, "the API to be ready on the new master", 15_000, 100);
    await standDown(product, incident);
  }, 120_000);

  it("a webhook is answered 503 while no replica has it and its agent frozen meanwhile; 202 again when one does", async () => {
    const port = await setup.masterPort();
    const replicas = setup.replicas.filter((one) => one.port !== port);
    for (const one of replicas) await one.kill("SIGSTOP");
    await until(async () => (await readiness()).includes("replicas too few"), "readiness to say so", 15_000, 100);
    expect(await isReady(), "no API is taken out of the load balancer").toBe(true);
    expect((await deliver()).status).toBe(503);
    const spent = budgetUsedUp("lone-buyer");
    await product.admin.placeAgent("lone-buyer");
    expect((await sendWebhook(product.api.url, spent)).status).toBe(503);
    await until(isContained("lone-buyer"), "the agent to be contained", 30_000, 100);
    for (const one of replicas) await one.kill("SIGCONT");
    await until(async () => (await deliver()).status === 202, "the replica to be in step", 30_000, 200);
    const { duplicate } = (await intake(product)).dispositions;
    expect((await sendWebhook(product.api.url, spent)).status).toBe(202);
    expect((await intake(product)).dispositions.duplicate, "what was stored already").toBe(duplicate + 1);
  }, 60_000);

  it("a master whose machine falls silent, with every connection still open, is left for the new one", async () => {
    const port = await setup.masterPort();
    const silent = setup.replicas.find((one) => one.port === port)!;
    await silent.kill("SIGSTOP");
    await until(async () => (await deliver()).status === 202, "a webhook to be accepted again", 20_000, 100);
    expect(await setup.masterPort()).not.toBe(port);
    await announceAndContain("late-buyer");
  }, 60_000);
});

async function announceAndContain(agentId: string): Promise<void> {
  await product.admin.placeAgent(agentId);
  await product.admin.announce("budget_threshold", agentId, { utilization_pct: 99 });
  await until(isContained(agentId), `${agentId} to be contained`, 60_000, 100);
}

const isContained = (agentId: string) => async () =>
  (await product.services.incidents.list(50)).some((one) => one.agentId === agentId && one.status === "contained");

const budgetUsedUp = (agentId: string) => ({
  id: `evt_used_up_${agentId}`,
  event_type: "budget_threshold",
  agent_id: agentId,
  timestamp: Date.now() / 1_000,
  payload: { utilization_pct: 99 },
});

const deliver = () => sendWebhook(product.api.url, escrowOpened({ payer: "bystander", payee: "shop", amount: "1.00" }));
