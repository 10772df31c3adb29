import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedGateway, connectGateway } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import type { ActionKey, CallOptions, Outcome } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { type HostileGateway, type Script, startHostileGateway } from "./hostile-gateway.ts";

const refusedBeforeWork = [400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 429];
const anyOther = [
  200, 201, 202, 204, 206, 300, 302, 307, 308, 406, 408, 418, 425, 431, 451, 499, 500, 501, 502, 503, 504, 520, 599,
];
const bodies = [
  "{}",
  '{"status":"refunded"}',
  '{"daily_cap":0,"monthly_cap":0}',
  "<html>down</html>",
  "half a {",
  "",
  "null",
  "[1]",
  '"ok"',
];
const key = (name: string): ActionKey => name as ActionKey;
const zeroCaps = { dailyCap: money(0), monthlyCap: money(0), alertThreshold: 0.8 };

let hostile: HostileGateway;
const gateways = {} as Record<"rest" | "tools", ConnectedGateway>;

beforeAll(async () => {
  hostile = await startHostileGateway();
  for (const dialect of ["rest", "tools"] as const) {
    gateways[dialect] = connectGateway({ baseUrl: hostile.url, dialect, keyFor: oneKey("secret-key") });
  }
});

afterAll(async () => {
  await Promise.all([gateways.rest.close(), gateways.tools.close()]);
  await hostile.close();
});

type Write = (gateway: ConnectedGateway, options?: CallOptions) => Promise<Outcome<unknown>>;

const writes: Record<string, Write> = {
  setBudget: (gateway, options) => gateway.setBudget("a", zeroCaps, key("freeze"), options),
  cancelEscrow: (gateway, options) => gateway.cancelEscrow("a", "e1", "why", key("cancel:e1"), options),
  setWalletFrozen: (gateway, options) => gateway.setWalletFrozen("a", true, key("freeze-wallet"), options),
  publishEvent: (gateway, options) => gateway.publishEvent("a", "t", {}, key("publish"), options),
  submitMetrics: (gateway, options) => gateway.submitMetrics("a", {}, key("metrics"), options),
  rateService: (gateway, options) => gateway.rateService("a", "s", 3, "fine", key("rate"), options),
  registerWebhook: (gateway, options) =>
    gateway.registerWebhook("a", { url: "https://x", eventTypes: ["t"], secret: "s" }, options),
};

/** Plays one script against one write. Where it would hang, the caller gives up as soon as the gateway has the request. */
async function meet(script: Script, write: string, gateway: ConnectedGateway): Promise<Outcome<unknown>> {
  const caller = new AbortController();
  hostile.play(() => {
    if (script.delivery?.startsWith("hang")) setImmediate(() => caller.abort());
    return script;
  });
  return writes[write]!(gateway, { signal: caller.signal });
}

/** Everything a gateway or the network may do to a call that did have its effect. Refusals before work are not among them. */
const scriptWithEffect: fc.Arbitrary<Script> = fc.record({
  status: fc.constantFrom(...anyOther),
  body: fc.constantFrom(...bodies),
  delivery: fc.constantFrom("whole", "reset-unanswered", "hang", "reset-in-headers", "reset-in-body", "hang-in-body"),
  headers: fc.constantFrom(
    { "content-type": "application/json" },
    { "content-type": "text/html" },
    {} as Record<string, string>,
  ),
  closesAfter: fc.boolean(),
  effect: fc.constant(true),
});

describe.each(["rest", "tools"] as const)(
  "a write in the %s form, whatever the gateway and the network do",
  (dialect) => {
    it("is never called not-done when its effect happened", async () => {
      await fc.assert(
        fc.asyncProperty(scriptWithEffect, fc.constantFrom(...Object.keys(writes)), async (script, write) => {
          const before = hostile.effects;
          const { outcome } = await meet(script, write, gateways[dialect]);
          // One call, one effect: nothing was repeated underneath.
          expect(hostile.effects - before).toBe(1);
          expect(outcome).not.toBe("not-done");
        }),
        { numRuns: 250, seed: 14 },
      );
    });

    it("is called not-done for every refusal the gateway gives before it works", async () => {
      for (const status of refusedBeforeWork) {
        hostile.play({ status, body: '{"type":"https://x/errors/invalid-state","detail":"no"}' });
        for (const [name, write] of Object.entries(writes)) {
          const answer = await write(gateways[dialect]);
          expect([name, status, answer.outcome]).toEqual([name, status, "not-done"]);
          if (answer.outcome !== "done")
            expect(answer.error.detail).toMatchObject({ status, problem: "invalid-state" });
        }
      }
    });

    it("is called done only if the gateway said so", async () => {
      await fc.assert(
        fc.asyncProperty(scriptWithEffect, fc.constantFrom(...Object.keys(writes)), async (script, write) => {
          const { outcome } = await meet(script, write, gateways[dialect]);
          const isSaid = script.status! < 300 && ["whole", "reset-in-body", "hang-in-body"].includes(script.delivery!);
          expect(outcome === "done" && !isSaid).toBe(false);
        }),
        { numRuns: 100, seed: 15 },
      );
    });
  },
);

describe("half a character", () => {
  it("is in nothing that the gateway says: not where its words are cut off, nor where it says one", async () => {
    hostile.play({ status: 409, body: JSON.stringify({ type: "x/no", detail: `${"x".repeat(199)}\u{1F600}` }) });
    const refused = await writes.cancelEscrow!(gateways.rest);
    expect(refused).toMatchObject({ outcome: "not-done", error: { message: expect.stringMatching(/x{199}$/) } });
    const payee = String.raw`"payee": "shop \ud83d"`;
    hostile.play({ body: `{"id": "e1", "payer": "a", ${payee}, "amount": "1.00", "status": "held"}` });
    expect(await gateways.rest.readEscrow("a", "e1")).toMatchObject({ payee: "shop \ufffd" });
  });
});

describe("an answer of success that cannot be read", () => {
  it("leaves a budget write done, since what was sent is what was set", async () => {
    hostile.play({ body: '{"daily_cap": 0', delivery: "whole" });
    expect(await writes.setBudget!(gateways.rest)).toEqual({ outcome: "done", value: zeroCaps });
  });

  it("leaves a cancel unknown, to be read back", async () => {
    hostile.play({ body: '{"id": "e1", "sta' });
    const answer = await writes.cancelEscrow!(gateways.rest);
    expect(answer).toMatchObject({ outcome: "unknown", error: { code: "gateway-unreadable" } });
  });

  it("is not believed at all if it is a web page", async () => {
    hostile.play({ body: "<!doctype html><title>Sign in</title>", headers: { "content-type": "text/html" } });
    expect(await writes.setBudget!(gateways.rest)).toMatchObject({ outcome: "unknown" });
    hostile.play({ body: "<html>", headers: { "content-type": "text/html" }, delivery: "reset-in-body" });
    expect(await writes.setBudget!(gateways.rest)).toMatchObject({ outcome: "unknown" });
  });

  it("is believed whatever it calls itself, if it is what the gateway answers", async () => {
    hostile.play({ body: '{"status":"refunded"}', headers: { "content-type": "text/html" } });
    expect(await writes.cancelEscrow!(gateways.rest)).toEqual({ outcome: "done", value: { state: "refunded" } });
  });

  it("is not believed in the tools form if it reports a failure", async () => {
    hostile.play({ body: '{"success":false,"error":{"code":"execution_error"}}' });
    expect(await writes.cancelEscrow!(gateways.tools)).toMatchObject({
      outcome: "unknown",
      error: { code: "gateway-failed" },
    });
    expect(await writes.setBudget!(gateways.tools)).toMatchObject({ outcome: "unknown" });
  });
});

describe("a write for an agent without a key, or with an id that fits no path", () => {
  it("is not done, and no request leaves", async () => {
    const keyless = connectGateway({ baseUrl: hostile.url, dialect: "rest", keyFor: () => undefined });
    const before = hostile.requests.length;
    expect(await writes.setBudget!(keyless)).toMatchObject({
      outcome: "not-done",
      error: { code: "gateway-misconfigured" },
    });
    for (const id of ["..", ".", "", "a/b", "a\\b", "a\nb", "x".repeat(129), "\ud800"]) {
      const answer = await gateways.rest.cancelEscrow("a", id, "why", key("cancel:x"));
      expect(answer).toMatchObject({ outcome: "not-done", error: { code: "input-invalid" } });
    }
    expect(hostile.requests.length).toBe(before);
    await keyless.close();
  });
});
