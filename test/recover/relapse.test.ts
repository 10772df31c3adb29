import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freeze } from "../../src/contain/freeze.ts";
import { TourniquetError } from "../../src/errors.ts";
import { formatMoney, money, zero } from "../../src/incident/money.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { aSignal } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { lateGateway } from "./late-gateway.ts";
import {
  capsBefore,
  containedTrouble,
  type ModelGateway,
  type ModelPorts,
  modelGateway,
  modelPorts,
  trouble,
} from "./model.ts";
import { HOUR_MS, passTime, said } from "./recovering-world.ts";

let stores: Stores;
let model: ModelGateway;
let ports: ModelPorts;
let id: string;
const agentId = "agent-7";
const { signal: abort } = new AbortController();

beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  model = modelGateway();
  ports = modelPorts(stores, model.gateway);
  id = await containedTrouble(ports, agentId, abort);
  await askRecovery(ports, { incidentId: id, ...said });
});

const run = async () => (await recover(ports, { incidentId: id }, abort)).answer;
const pass = (ms: number) => passTime(stores.redis, id, ms);
const daily = () => (model.caps.dailyCap === null ? null : formatMoney(model.caps.dailyCap));
const warn = async (given: Partial<Signal> = {}) => {
  const signal = aSignal({ agentId, kind: "error-spike", severity: "warning", ...given });
  await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
};
const recovery = async () => (await stores.recoveries.load(id))!;
const pages = () => ports.dispatch.added.filter(({ queue }) => queue === "notification").map(({ jobId }) => jobId);
/** What recovery concluded itself goes its way through the queue; answers the incident it opened. */
async function containedAnew(): Promise<string | undefined> {
  const job = ports.dispatch.added.findLast(({ queue, jobId }) => queue === "freeze" && jobId.startsWith("freeze-sig"));
  return job && (await freeze(ports, job.data as Parameters<typeof freeze>[1], abort)).incidentId;
}
async function onTheSecondRung(): Promise<void> {
  await run();
  await pass(6 * HOUR_MS);
  expect(await run()).toBe("rung-taken");
  expect(daily()).toBe("375.00");
}

describe("a warning since the last rung", () => {
  it("steps back to the rung before, pages, and the next is due after the same gap again", async () => {
    await onTheSecondRung();
    await pass(HOUR_MS);
    await warn();
    expect(await run()).toBe("stepped-back");
    expect(daily()).toBe("250.00");
    expect(pages()).toContain(`page-${id}-stepped-back-1`);
    const { rung, dueAt, rungAt, normalAt } = await recovery();
    expect([rung, dueAt! - rungAt!, normalAt! - rungAt!]).toEqual([0, 6 * HOUR_MS, 48 * HOUR_MS]);
    await pass(6 * HOUR_MS - 5_000);
    expect(await run()).toBe("standing");
    await pass(5_000);
    expect(await run()).toBe("rung-taken");
    expect(daily()).toBe("375.00");
  });

  it("keeps the rung that is due from being taken", async () => {
    await onTheSecondRung();
    await pass(18 * HOUR_MS);
    await warn();
    expect(await run()).toBe("stepped-back");
    expect(daily()).toBe("250.00");
  });

  it("at the first rung has the agent contained anew, by a verdict that names the recovery", async () => {
    await run();
    await warn();
    expect(await run()).toBe("contained-anew");
    const next = await containedAnew();
    expect(await stores.incidents.load(next!)).toMatchObject({
      runbook: "runaway-spending",
      decidedBy: `recovery of ${id}`,
    });
    expect(daily()).toBe("0.00");
    expect(await run()).toBe("superseded");
    expect(await stores.incidents.load(id)).toMatchObject({ status: "resolved", supersededBy: next });
  });

  it("is counted once: the look after the step back finds nothing new", async () => {
    await onTheSecondRung();
    await warn();
    await run();
    expect(await run()).toBe("standing");
    expect((await recovery()).stepBacks).toBe(1);
  });

  it.each([
    ["a failed check of ours", { kind: "detection-failure" } as const],
    ["what only the bus says", { why: { ...aSignal().why, observed: { heardOn: "bus" } } }],
  ])("is not: %s", async (_what, given) => {
    await onTheSecondRung();
    await warn(given);
    expect(await run()).toBe("standing");
    expect(daily()).toBe("375.00");
  });

  it("is not what the agent was contained for", async () => {
    await warn();
    expect(await run()).toBe("rung-taken");
    expect(await run()).toBe("standing");
  });
});

describe("caps that are not the rung's", () => {
  it("above are put back, and count as a warning", async () => {
    await onTheSecondRung();
    model.caps = { ...model.caps, dailyCap: money("375.01") };
    expect(await run()).toBe("stepped-back");
    expect(daily()).toBe("250.00");
    expect(pages()).toContain(`page-${id}-stepped-back-1`);
  });

  it("above the first rung are put back at once, before the agent is contained anew", async () => {
    await run();
    model.caps = { ...model.caps, monthlyCap: null };
    expect(await run()).toBe("contained-anew");
    expect(model.caps).toMatchObject({ dailyCap: money("250.00"), monthlyCap: money("7500.00") });
    await containedAnew();
    expect(daily()).toBe("0.00");
  });

  it("below stop the ramp, page once, and are left alone until somebody puts them back", async () => {
    await onTheSecondRung();
    model.caps = { ...model.caps, dailyCap: money("374.99") };
    expect([await run(), await run()]).toEqual(["stopped", "stopped"]);
    await pass(48 * HOUR_MS);
    expect(await run()).toBe("stopped");
    expect(daily()).toBe("374.99");
    expect(pages().filter((page) => page.includes("recovery-stopped"))).toHaveLength(1);
    model.caps = { ...model.caps, dailyCap: money("375.00") };
    expect(await run()).toBe("going-on");
    expect(await run()).toBe("standing");
    await pass(18 * HOUR_MS);
    expect(await run()).toBe("rung-taken");
    expect(daily()).toBe("500.00");
  });

  it("of zero are below too", async () => {
    await run();
    model.caps = { ...model.caps, dailyCap: zero, monthlyCap: zero };
    expect(await run()).toBe("stopped");
    expect((await stores.incidents.view(id))?.timeline.at(-1)).toMatchObject({
      what: "recovery-stopped",
      detail: { found: { dailyCap: "0.00", monthlyCap: "0.00" } },
    });
  });

  it("below on the last rung are nobody's trouble: it ends in its time, and leaves them", async () => {
    await onTheSecondRung();
    await pass(18 * HOUR_MS);
    await run();
    model.caps = { ...model.caps, dailyCap: money("100.00") };
    expect(await run()).toBe("stopped");
    await pass(24 * HOUR_MS);
    expect(await run()).toBe("resolved");
    expect(daily()).toBe("100.00");
    expect(pages().filter((page) => page.includes("recovery-stopped"))).toEqual([]);
  });
});

describe("new trouble while it recovers", () => {
  it("knows the caps from before, and each step back to them is lost to the old recovery for good", async () => {
    await onTheSecondRung();
    const next = await trouble(ports, agentId, abort);
    await pass(18 * HOUR_MS);
    expect(await run()).toBe("superseded");
    expect(daily()).toBe("0.00");
    expect(await stores.caps.snapshot(agentId, next)).toMatchObject(capsBefore);
    expect(pages()).toContain(`page-${id}-over`);
    await expect(askRecovery(ports, { incidentId: id, ...said })).rejects.toMatchObject({ code: "conflict" });
  });

  it("cannot be called off in the name of the old one", async () => {
    await run();
    await trouble(ports, agentId, abort);
    expect(await stores.incidents.beginStandDown(id, "ada", "planned")).toEqual({ answer: "over", epoch: 0 });
    expect(daily()).toBe("0.00");
  });
});

describe("writes of the caps that meet", () => {
  it("a stand-down waits for a rung that is on its way: what it restores is not overwritten", async () => {
    await run();
    const late = lateGateway();
    late.caps = model.caps;
    const slow = modelPorts(stores, late.gateway);
    await pass(6 * HOUR_MS);
    const raise = late.nextRaise();
    const taking = recover(slow, { incidentId: id }, abort);
    await raise;
    await stores.incidents.beginStandDown(id, "ada", "planned");
    await expect(standDown(slow, { incidentId: id }, abort)).rejects.toThrow("still on its way");
    expect(late.raisesOut()).toBe(1);
    late.land();
    expect(await taking).toEqual({ answer: "changed" });
    const restore = late.nextRaise();
    const standing = standDown(slow, { incidentId: id }, abort);
    await restore;
    late.land();
    expect(await standing).toEqual({ answer: "restored" });
    expect(late.caps.dailyCap).toBe(money("500.00"));
  });

  it("0 goes out again until the gateway takes it, where a freeze came between", async () => {
    await run();
    await pass(6 * HOUR_MS);
    const { setBudget } = model.gateway;
    let refused = 0;
    let isRaised = false;
    model.gateway.setBudget = async (...args) => {
      if (args[1].dailyCap === 0n && isRaised && refused < 3) {
        refused += 1;
        return { outcome: "not-done", error: new TourniquetError("gateway-rate-limited", "slow down") };
      }
      if (args[1].dailyCap === 0n || isRaised) return setBudget(...args);
      await trouble(ports, agentId, abort);
      isRaised = true;
      return setBudget(...args);
    };
    expect(await run()).toBe("changed");
    expect([refused, daily()]).toEqual([3, "0.00"]);
    expect(await stores.caps.loweringLeft(agentId)).toBe(0);
    expect(await run()).toBe("superseded");
  });
});

describe("a worker whose clock is six hours ahead", () => {
  it("takes no rung early: Redis says what time it is", async () => {
    await run();
    const { now } = Date;
    Date.now = () => now() + 7 * HOUR_MS;
    try {
      expect(await run()).toBe("standing");
    } finally {
      Date.now = now;
    }
    expect(daily()).toBe("250.00");
  });

  it("takes none either where it believes that it is due: the gate asks Redis again", async () => {
    await run();
    const wrong = { ...ports, clock: { ...ports.clock, now: async () => (await ports.clock.now()) + 7 * HOUR_MS } };
    expect(await recover(wrong, { incidentId: id }, abort)).toEqual({ answer: "standing" });
    expect(daily()).toBe("250.00");
    await pass(6 * HOUR_MS);
    expect(await run()).toBe("rung-taken");
  });
});
