import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freeze } from "../../src/contain/freeze.ts";
import { money, zero } from "../../src/incident/money.ts";
import { relapseOf } from "../../src/incident/relapse.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { aSignal } from "../redis/open-request.ts";
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

const warn = async (given: Partial<Signal> = {}) => {
  const signal = aSignal({ agentId, kind: "error-spike", severity: "warning", ...given });
  await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
};
const recovery = async () => (await stores.recoveries.load(one.id))!;
/** What recovery concluded itself goes its way through the queue; answers the incident it opened. */
async function containedAnew(): Promise<string | undefined> {
  const job = one.ports.dispatch.added.findLast(
    ({ queue, jobId }) => queue === "freeze" && jobId.startsWith("freeze-sig"),
  );
  return job && (await freeze(one.ports, job.data as Parameters<typeof freeze>[1], abort)).incidentId;
}
async function onTheSecondRung(): Promise<void> {
  await one.run();
  await one.pass(6 * HOUR_MS);
  expect(await one.run()).toBe("rung-taken");
  expect(one.daily()).toBe("375.00");
}

describe("a warning since the last rung", () => {
  it("steps back to the rung before, pages, and the next is due after the same gap again", async () => {
    await onTheSecondRung();
    await one.pass(HOUR_MS);
    await warn();
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
    expect(one.pages()).toContain(`page-${one.id}-stepped-back-1`);
    const { rung, dueAt, rungAt, normalAt } = await recovery();
    expect([rung, dueAt! - rungAt!, normalAt! - rungAt!]).toEqual([0, 6 * HOUR_MS, 48 * HOUR_MS]);
    await one.pass(6 * HOUR_MS - 5_000);
    expect(await one.run()).toBe("standing");
    await one.pass(5_000);
    expect(await one.run()).toBe("rung-taken");
    expect(one.daily()).toBe("375.00");
  });

  it("that the caps run low is our own doing as long as we keep them low, and trouble once they are whole", async () => {
    await onTheSecondRung();
    await warn({ kind: "budget-warning" });
    expect(await one.run()).toBe("standing");
    await one.pass(18 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
    await warn({ kind: "budget-warning" });
    expect(await one.run()).toBe("stepped-back");
  });

  it("that the caps are used up opens no incident as long as we keep them low, and does once they are whole", async () => {
    await onTheSecondRung();
    const usedUp = async () => {
      const signal = aSignal({ agentId, kind: "budget-exhaustion" });
      await stores.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "default policy" });
      return freeze(one.ports, { eventId: null, agentId, signalId: signal.id }, abort);
    };
    expect(await usedUp()).toEqual({ answer: "answered", incidentId: one.id });
    expect(one.daily()).toBe("375.00");
    expect(await one.run()).toBe("standing");
    await one.pass(18 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
    expect((await usedUp()).answer).toBe("opened");
  });

  it("keeps the rung that is due from being taken", async () => {
    await onTheSecondRung();
    await one.pass(18 * HOUR_MS);
    await warn();
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
  });

  it("at the first rung has the agent contained anew, by a verdict that names the recovery", async () => {
    await one.run();
    await warn();
    expect(await one.run()).toBe("contained-anew");
    const next = await containedAnew();
    expect(await stores.incidents.load(next!)).toMatchObject({
      runbook: "runaway-spending",
      decidedBy: `recovery of ${one.id}`,
    });
    expect(one.daily()).toBe("0.00");
    expect(await one.run()).toBe("superseded");
    expect(await stores.incidents.load(one.id)).toMatchObject({ status: "resolved", supersededBy: next });
  });

  it("is counted once: the look after the step back finds nothing new", async () => {
    await onTheSecondRung();
    await warn();
    await one.run();
    expect(await one.run()).toBe("standing");
    expect((await recovery()).stepBacks).toBe(1);
  });

  it.each([
    ["a failed check of ours", { kind: "detection-failure" } as const],
    ["what only the bus says", { why: { ...aSignal().why, observed: { heardOn: "bus" } } }],
  ])("is not: %s", async (_what, given) => {
    await onTheSecondRung();
    await warn(given);
    expect(await one.run()).toBe("standing");
    expect(one.daily()).toBe("375.00");
  });

  it("is not what the agent was contained for", async () => {
    await warn();
    expect(await one.run()).toBe("rung-taken");
    expect(await one.run()).toBe("standing");
  });
});

describe("caps that are not the rung's", () => {
  it("above are put back, and count as a warning", async () => {
    await onTheSecondRung();
    one.model.caps = { ...one.model.caps, dailyCap: money("375.01") };
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
    expect(one.pages()).toContain(`page-${one.id}-stepped-back-1`);
  });

  it("above the first rung are put back at once, before the agent is contained anew", async () => {
    await one.run();
    one.model.caps = { ...one.model.caps, monthlyCap: null };
    expect(await one.run()).toBe("contained-anew");
    expect(one.model.caps).toMatchObject({ dailyCap: money("250.00"), monthlyCap: money("7500.00") });
    const opened = await containedAnew();
    expect(one.daily()).toBe("0.00");
    const [signal] = await stores.incidents.signals(opened!);
    expect(relapseOf(signal!)).toEqual({ recovering: one.id, isCapsRaised: true });
  });

  it("below stop the ramp, page once, and are left alone until somebody puts them back", async () => {
    await onTheSecondRung();
    one.model.caps = { ...one.model.caps, dailyCap: money("374.99") };
    expect([await one.run(), await one.run()]).toEqual(["stopped", "stopped"]);
    await one.pass(48 * HOUR_MS);
    expect(await one.run()).toBe("stopped");
    expect(one.daily()).toBe("374.99");
    expect(one.pages().filter((page) => page.includes("recovery-stopped"))).toHaveLength(1);
    one.model.caps = { ...one.model.caps, dailyCap: money("375.00") };
    expect(await one.run()).toBe("going-on");
    expect(await one.run()).toBe("standing");
    await one.pass(18 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
    expect(one.daily()).toBe("500.00");
  });

  it("of zero are below too", async () => {
    await one.run();
    one.model.caps = { ...one.model.caps, dailyCap: zero, monthlyCap: zero };
    expect(await one.run()).toBe("stopped");
    expect((await stores.incidents.view(one.id))?.timeline.at(-1)).toMatchObject({
      what: "recovery-stopped",
      detail: { found: { dailyCap: "0.00", monthlyCap: "0.00" } },
    });
  });

  it("below on the last rung are nobody's trouble: it ends in its time, and leaves them", async () => {
    await onTheSecondRung();
    await one.pass(18 * HOUR_MS);
    await one.run();
    one.model.caps = { ...one.model.caps, dailyCap: money("100.00") };
    expect(await one.run()).toBe("stopped");
    await one.pass(24 * HOUR_MS);
    expect(await one.run()).toBe("resolved");
    expect(one.daily()).toBe("100.00");
    expect(one.pages().filter((page) => page.includes("recovery-stopped"))).toEqual([]);
  });
});
