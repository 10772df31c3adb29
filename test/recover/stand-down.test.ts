import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps } from "../../src/incident/gateway.ts";
import { money, zero } from "../../src/incident/money.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "../runbooks/step-ports.ts";
import { type LateGateway, lateGateway } from "./late-gateway.ts";

let stores: Stores;
let late: LateGateway;
let ports: ReturnType<typeof stepPorts>;
const agentId = "agent-7";
const frozen: BudgetCaps = { dailyCap: zero, monthlyCap: zero, alertThreshold: 0.8 };
const before: BudgetCaps = { dailyCap: money("500.00"), monthlyCap: null, alertThreshold: 0.7 };
const abort = new AbortController().signal;

beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  late = lateGateway();
  ports = stepPorts(stores, late.gateway);
  late.caps = frozen;
});

/** A frozen agent whose caps from before are known, or not. */
async function frozenIncident(snapshot: BudgetCaps | null = before): Promise<string> {
  const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
  if (snapshot) await stores.caps.takeSnapshot(agentId, incidentId, snapshot, "gateway");
  await stores.incidents.stamp(incidentId, "requestedAt");
  return incidentId;
}
const callOff = (incidentId: string) => stores.incidents.beginStandDown(incidentId, "ada", "planned purchase");
const run = (incidentId: string) => standDown(ports, { incidentId }, abort);
/** Runs it, and lets its raise land as soon as it is out. */
async function runAndLand(incidentId: string) {
  const raise = late.nextRaise();
  const flow = run(incidentId);
  await Promise.race([raise, flow]);
  late.land();
  return flow;
}
const statusOf = async (incidentId: string) => (await stores.incidents.load(incidentId))?.status;

describe("when a person calls an incident a false alarm", () => {
  it("puts back the caps from before, uncapped as uncapped, and says who and why", async () => {
    const id = await frozenIncident();
    await callOff(id);
    expect(await runAndLand(id)).toEqual({ answer: "restored" });
    expect(late.caps).toEqual(before);
    const view = (await stores.incidents.view(id))!;
    expect(view.status).toBe("stood-down");
    expect(view.timeline.find(({ what }) => what === "stood-down")).toMatchObject({
      phase: "recover",
      what: "stood-down",
      detail: { answer: "restored", by: "ada", reason: "planned purchase" },
    });
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
  });

  it("does nothing a second time, nor to an incident nobody called off", async () => {
    const id = await frozenIncident();
    expect(await run(id)).toEqual({ answer: "not-asked" });
    await callOff(id);
    await runAndLand(id);
    late.caps = frozen;
    expect(await run(id)).toEqual({ answer: "over" });
    expect(await run("inc-0-none-1")).toEqual({ answer: "over" });
    expect(late.caps).toEqual(frozen);
  });

  it("leaves the agent frozen where nobody knows what to restore, and says so", async () => {
    const id = await frozenIncident(null);
    await callOff(id);
    expect(await run(id)).toEqual({ answer: "caps-unknown" });
    expect(late.caps).toEqual(frozen);
    expect(await statusOf(id)).toBe("stood-down");
  });
});

describe("when the agent is in new trouble by then", () => {
  it("raises nothing: somebody else holds it, and its caps stay known for whoever restores them later", async () => {
    const first = await frozenIncident();
    await callOff(first);
    const second = await stores.incidents.open(openRequest({ agentId }));
    expect(await run(first)).toEqual({ answer: "still-held" });
    expect(late.caps).toEqual(frozen);
    await callOff(second.incidentId);
    expect(await runAndLand(second.incidentId)).toEqual({ answer: "restored" });
    expect(late.caps).toEqual(before);
  });

  it("freezes it again at once if the trouble began while the raise was on its way", async () => {
    const id = await frozenIncident();
    await callOff(id);
    const raise = late.nextRaise();
    const flow = run(id);
    await raise;
    const second = await stores.incidents.open(openRequest({ agentId }));
    late.land();
    expect(await flow).toEqual({ answer: "refrozen" });
    expect(late.caps).toMatchObject({ dailyCap: 0n, monthlyCap: 0n });
    expect((await stores.incidents.view(id))?.timeline.map(({ what }) => what)).toContain("raise-undone");
    expect(await stores.caps.snapshot(agentId, second.incidentId)).toMatchObject(before);
    expect(await statusOf(second.incidentId)).toBe("detected");
  });
});

describe("when the gateway does not say what became of the raise", () => {
  const answering = (outcome: "not-done" | "unknown", effect: () => void) => {
    const real = late.gateway.setBudget;
    late.gateway.setBudget = async () => {
      late.gateway.setBudget = real;
      effect();
      return { outcome, error: new TourniquetError("gateway-timeout", "no answer") };
    };
  };

  it("reads before it sends again, and sends nothing where the raise is to be seen", async () => {
    const id = await frozenIncident();
    await callOff(id);
    answering("unknown", () => {
      late.caps = before;
    });
    await expect(run(id)).rejects.toMatchObject({ code: "step-failed" });
    expect(await statusOf(id)).toBe("detected");
    late.gateway.setBudget = () => Promise.reject(new Error("must not be sent again"));
    expect(await run(id)).toEqual({ answer: "restored" });
  });

  it("does not send a second raise while the first may still land", async () => {
    const id = await frozenIncident();
    await callOff(id);
    answering("unknown", () => undefined);
    await expect(run(id)).rejects.toMatchObject({ code: "step-failed" });
    await expect(run(id)).rejects.toMatchObject({ message: expect.stringContaining("may still set the caps") });
    expect(late.raisesOut()).toBe(0);
    // Lease and grace are over.
    const [action] = await stores.redis.keys(keys.action(0, "restore:*").replace("{", "\\{"));
    await stores.redis.hset(action!, "exp", 0);
    expect(await runAndLand(id)).toEqual({ answer: "restored" });
    expect(late.caps).toEqual(before);
  });

  it("sends it again at once where it certainly did nothing", async () => {
    const id = await frozenIncident();
    await callOff(id);
    answering("not-done", () => undefined);
    await expect(run(id)).rejects.toMatchObject({ code: "step-failed" });
    expect(await runAndLand(id)).toEqual({ answer: "restored" });
  });
});

/** The worker is gone right after this call, which was done. */
function diesAfter<N extends "recordReceipt" | "setStatus">(name: N): typeof ports {
  const real = ports.incidents[name] as (...args: unknown[]) => Promise<unknown>;
  let isFirst = true;
  const dying = async (...args: unknown[]) => {
    const answer = await real(...args);
    if (!isFirst) return answer;
    isFirst = false;
    throw new Error("killed");
  };
  return { ...ports, incidents: { ...ports.incidents, [name]: dying } };
}

describe("when the worker dies", () => {
  it("as the caps stand, the next one knows that they were restored, though nobody remembers them any more", async () => {
    const id = await frozenIncident();
    await callOff(id);
    const { settleRaise } = stores.caps;
    const dying: typeof settleRaise = async (...args) => {
      await settleRaise(...args);
      throw new Error("killed");
    };
    const raise = late.nextRaise();
    const flow = standDown({ ...ports, caps: { ...stores.caps, settleRaise: dying } }, { incidentId: id }, abort);
    await raise;
    late.land();
    await expect(flow).rejects.toThrow("killed");
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
    expect(await run(id)).toEqual({ answer: "restored" });
    const view = (await stores.incidents.view(id))!;
    expect(view.timeline.find(({ what }) => what === "stood-down")?.detail).toMatchObject({ answer: "restored" });
    expect(view.steps.filter(({ step }) => step === "restore-caps")).toMatchObject([
      { status: "done", result: { answer: "restored" } },
    ]);
  });

  it("and somebody froze the agent before the next one came, it was restored all the same", async () => {
    const id = await frozenIncident();
    await callOff(id);
    const raise = late.nextRaise();
    const flow = standDown(diesAfter("recordReceipt"), { incidentId: id }, abort);
    await raise;
    late.land();
    await expect(flow).rejects.toThrow("killed");
    await stores.incidents.open(openRequest({ agentId }));
    expect(await run(id)).toEqual({ answer: "restored" });
  });

  it("as it is over, the next one sees to its post-mortem and its page, once", async () => {
    const id = await frozenIncident(null);
    await callOff(id);
    await expect(standDown(diesAfter("setStatus"), { incidentId: id }, abort)).rejects.toThrow("killed");
    expect(await statusOf(id)).toBe("stood-down");
    expect(await run(id)).toEqual({ answer: "over" });
    const jobs = () => ports.dispatch.added.map(({ jobId }) => jobId).sort();
    expect(jobs()).toEqual([`page-${id}-over`, `post-mortem-${id}`]);
    ports.dispatch.added.length = 0;
    expect(await run(id)).toEqual({ answer: "over" });
    expect(jobs()).toEqual([]);
  });

  it("before it is over, nobody waits for a post-mortem yet: one that waited too long would be given up", async () => {
    const id = await frozenIncident(null);
    await callOff(id);
    await expect(standDown(diesAfter("recordReceipt"), { incidentId: id }, abort)).rejects.toThrow("killed");
    expect(ports.dispatch.added).toEqual([]);
  });
});
