import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps, Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { freezeBudget } from "../../src/runbooks/steps/freeze-budget.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

type Answer = "done" | "unknown" | "not-done";
const error = new TourniquetError("gateway-timeout", "no answer");

/** A worker about to freeze; the gateway gives these answers, then says yes. */
async function freezing(answers: Answer[] = [], during: () => unknown = () => undefined) {
  const sent: { caps: BudgetCaps; actionKey: string }[] = [];
  const gateway = {
    async setBudget(_agentId: string, caps: BudgetCaps, actionKey: string) {
      sent.push({ caps, actionKey });
      await during();
      const outcome = answers.shift() ?? "done";
      return outcome === "done" ? { outcome, value: caps } : { outcome, error };
    },
  } as unknown as Gateway;
  const { incidentId } = await stores.incidents.open(openRequest());
  const ports = stepPorts(stores, gateway);
  const stop = new AbortController();
  const context = {
    ports,
    incident: (await stores.incidents.load(incidentId))!,
    signals: [],
    abort: stop.signal,
  };
  return {
    sent,
    stop,
    incidentId,
    context,
    pages: () => ports.dispatch.added.map(({ jobId }) => jobId),
    run: () => runSteps(context, [freezeBudget]),
    view: async () => (await stores.incidents.view(incidentId))!,
  };
}
const ok = { failed: [] };

describe("a freeze", () => {
  it("sets both caps to 0 under the agent's epoch, and notes when it was asked and when it held", async () => {
    const { sent, run, view } = await freezing();
    expect(await run()).toEqual(ok);
    expect(sent).toEqual([
      { caps: { dailyCap: 0n, monthlyCap: 0n, alertThreshold: 0.8 }, actionKey: "freeze:agent-7:1" },
    ]);
    const { requestedAt, effectiveAt, steps } = await view();
    expect(effectiveAt).toBeGreaterThanOrEqual(requestedAt!);
    expect(steps[0]).toMatchObject({ step: "freeze-budget", status: "done", result: { requestedAt, effectiveAt } });
  });

  it("keeps the agent's threshold, which a write without it would reset", async () => {
    const { sent, run, incidentId } = await freezing();
    const caps = { dailyCap: money("500"), monthlyCap: null, alertThreshold: 0.65 };
    await stores.caps.takeSnapshot("agent-7", incidentId, caps, "gateway");
    await run();
    expect(sent[0]?.caps.alertThreshold).toBe(0.65);
  });

  it("is asked for before the gateway is called, so that a read after a crash is known for our own zero", async () => {
    let asked: unknown;
    const freeze = await freezing([], async () => {
      asked = (await freeze.view()).requestedAt;
    });
    await freeze.run();
    expect(asked).toEqual(expect.any(Number));
  });
});

describe("when the answer to a freeze is unclear, or no", () => {
  it.each(["unknown", "not-done"] as const)(
    "it is repeated at once, and a person is paged once: %s",
    async (answer) => {
      const { sent, run, pages } = await freezing([answer, answer]);
      expect(await run()).toEqual(ok);
      expect(sent).toHaveLength(3);
      expect(new Set(sent.map(({ actionKey }) => actionKey)).size).toBe(1);
      expect(pages()).toEqual([expect.stringMatching(/^page-inc-.*-freeze-failing$/)]);
    },
  );

  it("three times, then the job is for the queue to try again, and the next attempt begins at once", async () => {
    const { sent, run, view, pages } = await freezing(["unknown", "not-done", "unknown"]);
    expect(await run()).toEqual({ failed: ["freeze-budget"] });
    expect(sent).toHaveLength(3);
    const { effectiveAt, timeline, steps } = await view();
    expect(effectiveAt).toBeNull();
    expect(timeline.filter(({ what }) => what === "freeze-unconfirmed")).toHaveLength(3);
    expect(steps).toMatchObject([{ step: "freeze-budget", status: "failed", result: { code: "step-failed" } }]);
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(4);
    expect(pages()).toHaveLength(1);
  });

  it("a worker that lost its job meanwhile sends no more", async () => {
    const { sent, run, stop } = await freezing(["unknown"], () => stop.abort(new Error("lock lost")));
    await expect(run()).rejects.toThrow("lock lost");
    expect(sent).toHaveLength(1);
  });
});

describe("when two workers freeze the same agent", () => {
  it("the second waits for the first and sends nothing", async () => {
    const first = await freezing([], async () => {
      second ??= other.run();
      await new Promise((proceed) => setImmediate(proceed));
    });
    let second: Promise<unknown> | undefined;
    const other = { run: async () => runSteps(first.context, [freezeBudget]) };
    expect(await first.run()).toEqual(ok);
    expect(await second).toEqual(ok);
    expect(first.sent).toHaveLength(1);
  });

  it("a freeze that is done is never sent again, not even after its receipt was lost", async () => {
    const { sent, run, incidentId } = await freezing();
    await run();
    await stores.redis.del(`{tq:0}:incident:${incidentId}:receipts`);
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(1);
  });
});
