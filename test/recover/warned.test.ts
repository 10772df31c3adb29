import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Signal } from "../../src/incident/signal.ts";
import { ofLowCaps } from "../../src/incident/trouble.ts";
import { recover } from "../../src/recover/recover.ts";
import { keys } from "../../src/redis/keys.ts";
import { runbooks } from "../../src/runbooks/index.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS } from "./recovering-world.ts";

let stores: Stores;
let one: RecoveringModel;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
});

const hearsay = { ...aSignal().why, observed: { heardOn: "bus" } };
async function warn(given: Partial<Signal> = {}): Promise<Signal> {
  const signal = aSignal({ agentId, kind: "error-spike", severity: "warning", ...given });
  await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
  return signal;
}
const recovery = async () => (await stores.recoveries.load(one.id))!;
async function onTheLastRung(): Promise<void> {
  await one.run();
  for (const hours of [6, 18]) {
    await one.pass(hours * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
  }
}
/** While the next look reads the caps. */
function meanwhile(what: "readBudget", act: () => Promise<unknown>): void {
  const read = one.model.gateway[what] as (...args: unknown[]) => Promise<unknown>;
  let isDone = false;
  Object.assign(one.model.gateway, {
    async [what](...args: unknown[]) {
      if (!isDone) await act();
      isDone = true;
      return read(...args);
    },
  });
}

describe("a warning that comes while a look is under way", () => {
  it("keeps the incident from being resolved, and steps back at the next look", async () => {
    await onTheLastRung();
    await one.pass(24 * HOUR_MS);
    meanwhile("readBudget", warn);
    expect(await one.run()).toBe("changed");
    expect((await stores.incidents.load(one.id))?.status).toBe("recovering");
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("375.00");
  });

  it("keeps the rung that is due from being taken", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    meanwhile("readBudget", warn);
    expect(await one.run()).toBe("changed");
    expect(one.daily()).toBe("250.00");
    expect(await one.run()).toBe("contained-anew");
  });

  it("steps back once", async () => {
    await onTheLastRung();
    const { warnings } = one.ports.recoveries;
    let isDone = false;
    const ports = {
      ...one.ports,
      recoveries: {
        ...one.ports.recoveries,
        async warnings(whom: string) {
          if (!isDone) await warn();
          isDone = true;
          return warnings(whom);
        },
      },
    };
    expect(await recover(ports, { incidentId: one.id }, abort)).toEqual({ answer: "stepped-back" });
    expect([await one.run(), await one.run()]).toEqual(["standing", "standing"]);
    expect((await recovery()).stepBacks).toBe(1);
  });

  it("is trouble of its own where it comes after the one that is being answered", async () => {
    await onTheLastRung();
    await warn();
    const { load } = one.ports.verdicts;
    const ports = {
      ...one.ports,
      verdicts: {
        ...one.ports.verdicts,
        async load(...args: Parameters<typeof load>) {
          await warn();
          return load(...args);
        },
      },
    };
    expect(await recover(ports, { incidentId: one.id }, abort)).toEqual({ answer: "stepped-back" });
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
  });
});

describe("a warning is not lost", () => {
  it("among a hundred that count for nothing", async () => {
    await one.run();
    await warn({ occurredAt: Date.now() - 5_000 });
    for (let i = 0; i < 100; i += 1) await warn({ why: hearsay });
    expect(await one.run()).toBe("contained-anew");
  });

  it("when a dry run of the same agent is stood down", async () => {
    await one.run();
    const { id } = await warn();
    const dry = await stores.incidents.open(openRequest({ agentId }, { dryRun: true }));
    await stores.incidents.beginStandDown(dry.incidentId, "ada", "planned");
    expect(await one.run()).toBe("contained-anew");
    // Nor for what is concluded from several warnings together (D15).
    expect(await stores.redis.zscore(keys.verdictsOf(0, agentId), id)).not.toBeNull();
  });

  it("where the very same is concluded again from something newer, after the step back", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    await one.run();
    const first = await warn({ id: "sig-of-this-hour" });
    expect(await one.run()).toBe("stepped-back");
    await warn({ id: first.id, occurredAt: first.occurredAt + 1 });
    expect(await one.run()).toBe("contained-anew");
  });

  it("and counts once, however often its job is repeated", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    await one.run();
    const { id, occurredAt } = await warn({ id: "sig-of-this-hour" });
    expect(await one.run()).toBe("stepped-back");
    await warn({ id, occurredAt });
    await warn({ id, occurredAt: occurredAt - 1 });
    expect([await one.run(), (await recovery()).stepBacks]).toEqual(["standing", 1]);
  });

  it.each([
    ["a day ago counts", -86_400_000 + 60_000, "contained-anew"],
    ["more than a day ago is recorded, and nobody acts on it", -86_400_000 - 1, "standing"],
  ] as const)("of what happened: %s", async (_what, agoMs, answer) => {
    await one.run();
    await warn({ occurredAt: Date.now() + agoMs });
    expect(await one.run()).toBe(answer);
  });
});

describe("caps that run low", () => {
  it("are trouble where runbooks say that low caps do not bring it about, and the other way round", () => {
    expect([...new Set(runbooks.flatMap(({ explains }) => explains ?? []))].sort()).toEqual([...ofLowCaps].sort());
  });

  it("at a low rung are no trouble later either, when the caps are whole", async () => {
    await one.run();
    for (const hours of [6, 18]) {
      await warn({ kind: "budget-warning" });
      await one.pass(hours * HOUR_MS);
      expect(await one.run()).toBe("rung-taken");
    }
    expect(await one.run()).toBe("standing");
    await warn({ kind: "budget-warning" });
    expect(await one.run()).toBe("stepped-back");
  });

  it("before the first rung stands are our doing too", async () => {
    const { setBudget } = one.model.gateway;
    one.model.gateway.setBudget = async (...args) => {
      await warn({ kind: "budget-exhaustion" });
      return setBudget(...args);
    };
    expect([await one.run(), await one.run()]).toEqual(["rung-taken", "standing"]);
  });
});

describe("a recovery that an older version wrote", () => {
  it("lacks what came later, and goes on", async () => {
    await one.run();
    const key = keys.incident(0, one.id);
    const { containAnew, failing, warned, page, stopped, waitsFor, isRefused, ...old } = await recovery();
    expect([containAnew, failing, warned, page, stopped, waitsFor, isRefused]).toEqual([
      ...[null, null, 0, null, null, [], false],
    ]);
    await stores.redis.hset(key, "recovery", JSON.stringify(old));
    expect(await one.run()).toBe("standing");
    await one.pass(6 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
    expect(one.ports.dispatch.added.filter(({ jobId }) => jobId.startsWith("freeze-sig"))).toEqual([]);
  });
});
