import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intake } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { escrowOpened, sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

const MINUTE_MS = 60_000;
let product: Product;
beforeAll(async () => {
  product = await startProduct({ workers: ["containment", "cascade"] });
});
afterAll(() => product.close());

interface Opened {
  payee: string;
  amount: string;
  atMs: number;
}

/** Sends it as fast as it is taken; its own times say when it happened. Resolves when every event is decided. */
async function live(payer: string, escrows: readonly Opened[]): Promise<void> {
  for (const escrow of escrows)
    expect((await sendWebhook(product.api.url, escrowOpened({ payer, ...escrow }))).status).toBe(202);
  await until(async () => (await intake(product)).pending === 0, "every event to be decided", 60_000, 100);
}

const incidentsOf = async (payer: string) =>
  (await product.services.incidents.list(50)).filter(({ agentId }) => agentId === payer);

/** Every event of this trace is judged and found to be nothing; nobody was frozen, nobody's caps were touched. */
async function expectLeftAlone(payer: string, escrows: readonly Opened[]): Promise<void> {
  const before = await intake(product);
  await live(payer, escrows);
  const { dispositions } = await intake(product);
  // Not even stale: that would be a signal which only came too late to be acted on.
  const ignored = before.dispositions.ignored + escrows.length;
  expect(dispositions).toEqual({ ...before.dispositions, ignored });
  expect(await incidentsOf(payer)).toEqual([]);
  const touched = (await product.admin.effects("budget.set")).filter(({ agentId }) => agentId === payer);
  // The sandbox's own setting of the stage is the only one.
  expect(touched).toHaveLength(1);
}

/** The same ears hear a retry loop: silence before was judgement, not deafness. */
async function expectHeard(payer: string): Promise<void> {
  const now = Date.now();
  const loop = Array.from({ length: 9 }, (_, index) => ({
    payee: "flaky",
    amount: "150.00",
    atMs: now - 20_000 + index * 2_000,
  }));
  await live(payer, loop);
  expect(await incidentsOf(payer)).toHaveLength(1);
}

/** Six payees in turn, each at its own price. */
const prices = ["49.00", "120.00", "15.50", "310.00", "75.25", "99.00"];
const recurring = (index: number) => ({ payee: `supplier-${index % 6}`, amount: prices[index % 6]! });

describe("when an agent pays 45 suppliers 60 times within two minutes at the end of the month", () => {
  it("is left alone, and a retry loop right after it is not", async () => {
    await product.admin.placeAgent("month-end");
    const begin = Date.now() - 3 * MINUTE_MS;
    const batch = Array.from({ length: 60 }, (_, index) => ({
      // The first five suppliers are paid four times, the rest once.
      payee: `supplier-${index < 45 ? index : index % 5}`,
      amount: `${40 + ((index * 7_919) % 2_400)}.${10 + (index % 90)}`,
      atMs: begin + index * 2_000,
    }));
    await expectLeftAlone("month-end", batch);
    await expectHeard("month-end");
  });
});

describe("when an agent has an hour three times as busy as usual", () => {
  it("is left alone, and a retry loop right after it is not", async () => {
    await product.admin.placeAgent("busy-hour");
    const now = Date.now();
    // One a minute, then one every 20 s: up to three to one payee within five minutes.
    const usual = Array.from({ length: 60 }, (_, index) => ({
      ...recurring(index),
      atMs: now - 121 * MINUTE_MS + index * MINUTE_MS,
    }));
    const busy = Array.from({ length: 180 }, (_, index) => ({
      ...recurring(index),
      atMs: now - 61 * MINUTE_MS + (index * MINUTE_MS) / 3,
    }));
    await expectLeftAlone("busy-hour", [...usual, ...busy]);
    await expectHeard("busy-hour");
  });
});

describe("when a hundred agents do ordinary business at the same time", () => {
  it("freezes none of them", async () => {
    const now = Date.now();
    const agents = Array.from({ length: 100 }, (_, index) => `shop-${index}`);
    for (const agent of agents) await product.admin.placeAgent(agent);
    await Promise.all(
      agents.map((agent, offset) =>
        live(
          agent,
          [0, 1, 2, 3].map((index) => ({ ...recurring(index + offset), atMs: now - (4 - index) * 10_000 })),
        ),
      ),
    );
    for (const agent of agents) expect(await incidentsOf(agent)).toEqual([]);
  });
});
