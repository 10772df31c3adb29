import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import { recover } from "../../src/recover/recover.ts";
import { createRecoveries } from "../../src/redis/recoveries.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";

let stores: Stores;
let one: RecoveringModel;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
});

const exfiltration = () => stores.incidents.open(openRequest({ agentId, kind: "data-exfiltration" }));
const joinAndBeContained = async () => {
  await exfiltration();
  await contain(one.ports, { incidentId: one.id }, abort);
  expect((await stores.incidents.load(one.id))?.status).toBe("contained");
};

describe("new trouble that joins and is contained while the gates are looked at", () => {
  it("refuses the recovery: what was said is not the root of that", async () => {
    const { verifyAgent } = one.model.gateway;
    one.model.gateway.verifyAgent = async (...args) => {
      await joinAndBeContained();
      return verifyAgent(...args);
    };
    expect(await one.run()).toBe("refused");
    expect(one.daily()).toBe("0.00");
    expect(await stores.caps.mayRaise(agentId, 2, { forget: false })).toBe(false);
  });

  it("does so too where it is contained right before the very act: the look after it finds what joined", async () => {
    const { begin } = one.ports.recoveries;
    const begins = async (...args: Parameters<typeof begin>) => {
      await joinAndBeContained();
      return begin(...args);
    };
    const ports = { ...one.ports, recoveries: { ...one.ports.recoveries, begin: begins } };
    expect(await recover(ports, { incidentId: one.id }, abort)).toEqual({ answer: "changed" });
    expect(await one.run()).toBe("refused");
    expect(one.daily()).toBe("0.00");
  });
});

describe("a warning that comes as a recovery begins", () => {
  it("is what the recovery begins with: not lost between reading how often and the act, and no relapse", async () => {
    const warn = async () => {
      const signal = aSignal({ agentId, kind: "error-spike", severity: "warning" });
      await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
    };
    const hmget = async (...args: [string, ...string[]]) => {
      const found = await stores.redis.hmget(...args);
      await warn();
      return found;
    };
    const redis = new Proxy(stores.redis, {
      get: (real, name) => (name === "hmget" ? hmget : Reflect.get(real, name)),
    });
    const ports = { ...one.ports, recoveries: { ...one.ports.recoveries, begin: createRecoveries(redis, 1).begin } };
    expect(await recover(ports, { incidentId: one.id }, abort)).toEqual({ answer: "changed" });
    expect((await stores.incidents.load(one.id))?.status).toBe("contained");
    expect([await one.run(), await one.run()]).toEqual(["rung-taken", "standing"]);
    expect((await stores.recoveries.load(one.id))?.warned).toBe(1);
  });
});
