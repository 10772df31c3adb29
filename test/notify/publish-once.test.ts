import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isTransient, TourniquetError } from "../../src/errors.ts";
import type { ActionKey, Outcome } from "../../src/incident/gateway.ts";
import { publishOnce } from "../../src/notify/publish-once.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
let sent: string[];
let answers: Outcome<{ eventId: string }>[];
beforeAll(async () => {
  stores = await openStores(3);
});
afterAll(() => stores.close());
beforeEach(() => {
  sent = [];
  answers = [];
});

const done: Outcome<{ eventId: string }> = { outcome: "done", value: { eventId: "1" } };
const error = new TourniquetError("gateway-failed", "publish_event: answered 500");
const publish = (action: string, agentId = "a", answer?: Promise<void>) =>
  publishOnce(
    {
      actions: stores.actions,
      settings: readSettings(undefined, {}),
      gateway: {
        async publishEvent(_agent, _type, _payload, key) {
          sent.push(key);
          await answer;
          return answers.shift() ?? done;
        },
      },
    },
    { agentId, eventType: "cascade_failure", payload: {}, action: action as ActionKey, keptWith: "cas-1" },
  );

describe("an announcement", () => {
  it("goes out once, however often and for whomever it is asked", async () => {
    expect(await publish("publish:1")).toBe("published");
    // Whom a cascade began with may be seen otherwise later.
    for (const agentId of ["a", "b", "c", "d"]) expect(await publish("publish:1", agentId)).toBe("published-before");
    expect(sent).toEqual(["publish:1"]);
  });

  it("goes out again under the same key while nobody knows that it is out", async () => {
    for (const outcome of ["not-done", "unknown"] as const) {
      answers = [{ outcome, error }];
      await expect(publish(`publish:${outcome}`)).rejects.toMatchObject({ code: "gateway-failed" });
      expect(await publish(`publish:${outcome}`)).toBe("published");
      expect(sent.splice(0)).toEqual([`publish:${outcome}`, `publish:${outcome}`]);
    }
  });

  it("that the gateway refuses for good is not tried again: the failure keeps the gateway's own code", async () => {
    answers = [{ outcome: "not-done", error: new TourniquetError("gateway-refused", "publish_event: answered 401") }];
    const failure = await publish("publish:refused").catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "gateway-refused", message: expect.stringContaining("answered 401") });
    expect(isTransient(failure)).toBe(false);
  });

  it("is not sent by two at once: the second looks again later", async () => {
    const held = Promise.withResolvers<void>();
    const first = publish("publish:2", "a", held.promise);
    await expect.poll(() => sent.length).toBe(1);
    await expect(publish("publish:2")).rejects.toMatchObject({ code: "step-failed" });
    held.resolve();
    expect(await first).toBe("published");
    expect([await publish("publish:2"), sent.length]).toEqual(["published-before", 1]);
  });
});
