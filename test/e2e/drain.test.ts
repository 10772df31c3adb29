import { afterEach, describe, expect, it } from "vitest";
import { intake } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { escrowOpened, sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

const EXIT_WITHIN_MS = 12_000;
const SENDERS = 16;
let product: Product;
afterEach(() => product.close());

/** Ordinary business of many agents, as fast as it is taken, until it is stopped. */
function load(apiUrl: string) {
  const promised = new Set<string>();
  let isOver = false;
  const send = async (sender: number) => {
    for (let sent = 0; !isOver; sent += 1) {
      const escrow = { payer: `agent-${sender}`, payee: `payee-${sent}`, amount: `${1 + (sent % 90)}.50` };
      // Once the API is gone nobody answers, and nothing was promised.
      const answer = await sendWebhook(apiUrl, escrowOpened(escrow)).catch(() => null);
      if (answer === null) return;
      if (answer.status === 202) promised.add(answer.eventId!);
    }
  };
  const senders = Array.from({ length: SENDERS }, (_, sender) => send(sender));
  return {
    promised,
    async stop() {
      isOver = true;
      await Promise.all(senders);
    },
  };
}

async function askAllToStop(): Promise<{ code: number | null; tookMs: number }[]> {
  const startedAt = performance.now();
  return Promise.all(
    [product.api, ...product.workers].map(async (one) => {
      one.signal("SIGTERM");
      const { code } = await one.ended;
      return { code, tookMs: performance.now() - startedAt };
    }),
  );
}

/** Every event that was answered 202 is there, and is decided by whoever is started next. */
async function expectNothingLost(promised: ReadonlySet<string>): Promise<void> {
  for (const eventId of promised) expect(await product.services.inbox.load(eventId), eventId).not.toBeNull();
  await product.startWorker("all");
  await until(async () => (await intake(product)).pending === 0, "every event to be decided", 60_000, 100);
  expect((await intake(product)).accepted).toBeGreaterThanOrEqual(promised.size);
}

describe("when API and workers get SIGTERM under load", () => {
  it("leave within 12 s and lose nothing", async () => {
    product = await startProduct({ workers: ["all"] });
    const { promised, stop } = load(product.api.url);
    await until(async () => promised.size >= 200, "200 events to be accepted", 30_000);
    const ends = await askAllToStop();
    await stop();
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    for (const { tookMs } of ends) expect(tookMs).toBeLessThan(EXIT_WITHIN_MS);
    await expectNothingLost(promised);
  });

  it("leave within 12 s though Redis no longer answers, and lose nothing", async () => {
    product = await startProduct({ workers: ["all"] });
    const { promised, stop } = load(product.api.url);
    await until(async () => promised.size >= 200, "200 events to be accepted", 30_000);
    await product.redis.kill("SIGSTOP");
    const ends = await askAllToStop();
    await stop();
    for (const { tookMs } of ends) expect(tookMs).toBeLessThan(EXIT_WITHIN_MS);
    await product.redis.kill("SIGCONT");
    await expectNothingLost(promised);
  });
});
