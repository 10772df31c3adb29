import { afterEach, describe, expect, it } from "vitest";
import { startCommand } from "../support/command-process.ts";
import { expectStopped, intake, night, playNight, standDown } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { freePort } from "../support/redis-cluster.ts";
import { escrowOpened, sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

const ANSWER_WITHIN_MS = 2_000;
let product: Product;
afterEach(() => product.close());

/** Until a webhook of the story was turned away, and so has to come again. */
const untilTurnedAway = () =>
  until(
    async () =>
      (await product.admin.deliveries()).some(({ attempts, responseCode }) => attempts > 1 || responseCode === 503),
    "a webhook to be turned away",
    30_000,
  );

describe("when Redis is killed with -9 in the middle of the story and comes back", () => {
  it("goes on where it was, if that was before anything was noticed", async () => {
    product = await startProduct({ workers: ["containment", "cascade", "recovery"] });
    const fifth = Promise.withResolvers<void>();
    const played = playNight(product, night(), (created) => created === 5 && fifth.resolve());
    await fifth.promise;
    await product.redis.kill("SIGKILL");
    await untilTurnedAway();
    await product.redis.restart();
    await played;
    await standDown(product, await expectStopped(product, "procurement-17"));
  });

  it("goes on where it was, if that was between two cancels", async () => {
    product = await startProduct({ workers: ["containment", "cascade"] });
    const played = playNight(product, night());
    await until(async () => (await product.admin.effects("escrow.refunded")).length > 0, "the first refund", 30_000, 5);
    await product.redis.kill("SIGKILL");
    await untilTurnedAway();
    await product.redis.restart();
    await played;
    await expectStopped(product, "procurement-17");
  });
});

describe("an API that is started while Redis is away", () => {
  it("is alive and answers 503 until it is there, and then takes webhooks without being started again", async () => {
    product = await startProduct({ workers: [] });
    const PORT = String(await freePort());
    const url = `http://127.0.0.1:${PORT}`;
    await product.redis.kill("SIGKILL");
    const starting = startCommand(["api"], { ...product.environment, PORT });
    const status = (path: string) =>
      fetch(`${url}${path}`).then(
        (answer) => answer.status,
        () => 0,
      );
    await until(async () => (await status("/healthz")) === 200, "it to be alive", 30_000);
    expect(await status("/readyz")).toBe(503);
    const event = escrowOpened({ payer: "agent-7", payee: "paper-mill", amount: "12.00" });
    expect((await sendWebhook(url, event)).status).toBe(503);
    await product.redis.restart();
    const api = await starting;
    expect((await sendWebhook(url, event)).status).toBe(202);
    await api.kill();
  });
});

describe("when a signed webhook comes while Redis", () => {
  const event = () => escrowOpened({ payer: "agent-7", payee: "paper-mill", amount: "12.00" });

  /** Whatever became of the first try: the sender comes again until it hears 202, and the event is there once. */
  async function isAcceptedOnce(again: Record<string, unknown>, before: number): Promise<void> {
    const first = await until(
      async () => {
        const answer = await sendWebhook(product.api.url, again);
        return answer.status === 202 && answer;
      },
      "the webhook to be accepted",
      30_000,
    );
    expect((await sendWebhook(product.api.url, again)).eventId).toBe(first.eventId);
    const decided = async () => {
      const stats = await intake(product);
      return stats.pending === 0 && stats;
    };
    const { accepted, dispositions } = await until(decided, "every event to be decided", 60_000);
    expect(accepted - dispositions.duplicate - before).toBe(1);
  }

  it.each(["SIGSTOP", "SIGKILL"] as const)(
    "is gone by %s, the answer is 503 within 2 s, and later it is accepted once",
    async (signal) => {
      product = await startProduct({ workers: ["cascade"] });
      await sendWebhook(product.api.url, event());
      const { accepted } = await intake(product);
      await product.redis.kill(signal);
      const late = event();
      for (let tries = 0; tries < 5; tries += 1) {
        const { status, durationMs } = await sendWebhook(product.api.url, late);
        expect(status).toBe(503);
        expect(durationMs).toBeLessThan(ANSWER_WITHIN_MS);
      }
      const many = await Promise.all(Array.from({ length: 50 }, () => sendWebhook(product.api.url, late)));
      expect(new Set(many.map(({ status }) => status))).toEqual(new Set([503]));
      if (signal === "SIGSTOP") await product.redis.kill("SIGCONT");
      else await product.redis.restart();
      await isAcceptedOnce(late, accepted);
    },
  );
});
