import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { pageForIncident } from "../../src/notify/page.ts";
import { aSignal } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const statusOf = async (id: string) => (await world.services.incidents.load(id))?.status;

describe("when the payee takes its money while we cancel", () => {
  it("counts it as lost, takes back the rest, and is contained all the same", async () => {
    const [, raced] = await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 3);
    const { gateway } = world.ports;
    const racing: Gateway = {
      ...gateway,
      async cancelEscrow(agentId, escrowId, ...rest) {
        const release = `/v1/payments/escrows/${raced}/release`;
        if (escrowId === raced) expect(await world.callAs("flaky-upstream", "POST", release)).toBe(200);
        return gateway.cancelEscrow(agentId, escrowId, ...rest);
      },
    };
    const { incidentId } = await world.freeze(await world.handOver());
    expect(await world.contain(incidentId!, { gateway: racing })).toEqual({ answer: "contained" });
    const view = (await world.services.incidents.view(incidentId!))!;
    expect(view.dollars).toEqual({ locked: "450.00", recovered: "300.00", lost: "150.00" });
    expect(view.escrows.find(({ escrowId }) => escrowId === raced)).toMatchObject({ result: "lost" });
    expect(await world.agent()).toMatchObject({ escrows: { held: 0, refunded: 2, settled: 1 } });
  });
});

describe("when escrows cannot be cancelled yet", () => {
  it("is not called contained, says what is missing, and is contained as soon as they can", async () => {
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 2);
    const { incidentId } = await world.freeze(await world.handOver());
    await world.callAs(null, "POST", "/v1/billing/wallets/agent-7/freeze");
    await expect(world.contain(incidentId!)).rejects.toMatchObject({
      code: "containment-incomplete",
      message: "agent-7 is not contained: 2 escrows are still held",
    });
    expect(await statusOf(incidentId!)).toBe("containing");
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00" }, escrows: { held: 2 } });
    expect((await world.services.incidents.view(incidentId!))!.containedAt).toBeNull();
    await world.callAs(null, "POST", "/v1/billing/wallets/agent-7/unfreeze");
    expect(await world.contain(incidentId!)).toEqual({ answer: "contained" });
    expect((await world.services.incidents.view(incidentId!))!.dollars.recovered).toBe("300.00");
  });
});

describe.each([
  ["conflict", 409],
  ["gateway-misconfigured", 405],
] as const)("when the gateway never takes a cancel (%s)", (code, status) => {
  it("the attempt ends after two tries of each escrow, says why, and the next one goes on where it can", async () => {
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 2);
    const { incidentId } = await world.freeze(await world.handOver());
    let cancels = 0;
    const refusing: Gateway = {
      ...world.ports.gateway,
      async cancelEscrow() {
        cancels += 1;
        return { outcome: "not-done", error: new TourniquetError(code, `the gateway answered ${status}`) };
      },
    };
    await expect(world.contain(incidentId!, { gateway: refusing })).rejects.toMatchObject({
      code: "containment-incomplete",
      message: "agent-7 is not contained: 2 escrows are still held",
    });
    // The step's own and that of the read-back: one that settles nothing is the last.
    expect(cancels).toBe(4);
    const view = (await world.services.incidents.view(incidentId!))!;
    expect(view.escrows.map(({ result }) => result)).toEqual(["failed", "failed"]);
    expect(pageForIncident(view, "not-contained-in-time").lines).toContain(
      `Last trouble: 2 escrows are not cancelled yet: the gateway answered ${status}`,
    );
    expect(await world.contain(incidentId!)).toEqual({ answer: "contained" });
    expect((await world.services.incidents.view(incidentId!))!.dollars.recovered).toBe("300.00");
  });
});

describe("when the agent lifts its cap before it is contained", () => {
  it("is frozen again, and that counts as a breach", async () => {
    const { incidentId } = await world.freeze(await world.handOver());
    await world.admin.setCaps("agent-7", "900.00", null);
    await world.contain(incidentId!).catch((error) => error);
    await world.contain(incidentId!);
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00", monthly: "0.00" } });
    expect(await world.services.incidents.load(incidentId!)).toMatchObject({ status: "contained", reassertions: 1 });
  });

  it("is frozen again too where a second signal came to a contained incident", async () => {
    const id = await world.contained();
    await world.admin.setCaps("agent-7", "900.00", null);
    await world.freeze(await world.handOver({ kind: "payee-concentration" }));
    await world.contain(id).catch((error) => error);
    await world.contain(id);
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00", monthly: "0.00" } });
    expect(await statusOf(id)).toBe("contained");
  });
});

describe("when nothing confirms the freeze", () => {
  it("is not called contained: caps other than 0 are no freeze, whatever the write answered", async () => {
    const { gateway } = world.ports;
    const lying: Gateway = { ...gateway, setBudget: async (_agentId, caps) => ({ outcome: "done", value: caps }) };
    const { incidentId } = await world.freeze(await world.handOver(), { gateway: lying });
    await expect(world.contain(incidentId!, { gateway: lying })).rejects.toMatchObject({
      message: expect.stringContaining("the caps are not 0"),
    });
    expect(await statusOf(incidentId!)).toBe("containing");
  });
});

describe("what is told of one incident that several signals join", () => {
  const told = async (what: string) => (await world.jobs("notification")).filter((id) => id.endsWith(what)).length;
  const bothTold = async () => [await told("-contained"), await told("-containment-complete")];
  const joinedBy = async (given: Partial<Signal>, cascadeId?: string) => {
    const signal = aSignal(given);
    await world.services.verdicts.keep({
      signal,
      tier: "auto-contain",
      decidedBy: "cascade",
      ...(cascadeId && { cascadeId }),
    });
    const job = { eventId: null, agentId: signal.agentId, signalId: signal.id };
    await world.contain((await world.freeze(job)).incidentId!);
  };

  it("is once, where a cascade adds nothing to what was done", async () => {
    const id = await world.contained();
    await joinedBy({}, "cas-1");
    await joinedBy({ kind: "budget-exhaustion" });
    expect(await world.services.incidents.load(id)).toMatchObject({
      status: "contained",
      runbooks: ["runaway-spending", "cascade-failure"],
    });
    expect(await bothTold()).toEqual([1, 1]);
  });

  it("is again, where more is done than before", async () => {
    await world.contained({ kind: "budget-warning", severity: "warning" });
    await joinedBy({}, "cas-1");
    expect(await bothTold()).toEqual([2, 2]);
  });

  it("is again, where more money is found", async () => {
    await world.contained();
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 1);
    await joinedBy({ suspectPayee: "fresh-face" });
    expect(await bothTold()).toEqual([2, 2]);
  });
});

describe("a contained incident", () => {
  it("says when the freeze was asked, when it held and how long everything took, and tells people and the bus", async () => {
    const id = await world.contained();
    const view = (await world.services.incidents.view(id))!;
    expect(view.receivedAt).toBeLessThanOrEqual(view.requestedAt!);
    expect(view.requestedAt).toBeLessThanOrEqual(view.effectiveAt!);
    expect(view.effectiveAt).toBeLessThanOrEqual(view.containedAt!);
    expect(view.timeline.find(({ what }) => what === "contained")?.detail).toMatchObject({
      freezeMs: view.effectiveAt! - view.receivedAt,
      passes: 1,
    });
    const told = (await world.jobs("notification")).join(" ");
    for (const what of ["contained", "budget-frozen", "containment-complete", "not-frozen"])
      expect(told).toContain(what);
    expect(await world.jobs("forensics")).toEqual(expect.arrayContaining([`evidence-${id}`, `evidence-after-${id}`]));
  });

  it("is told of also where the worker dies as it is contained, by the next look of the hold and by no look after it", async () => {
    const { incidents, dispatch } = world.ports;
    const setStatus: typeof incidents.setStatus = async (...args) => {
      const answer = await incidents.setStatus(...args);
      if (args[1] === "contained") throw new Error("killed");
      return answer;
    };
    const { incidentId } = await world.freeze(await world.handOver());
    const id = incidentId!;
    await expect(world.contain(id, { incidents: { ...incidents, setStatus } })).rejects.toThrow("killed");
    expect(await statusOf(id)).toBe("contained");
    const added: string[] = [];
    const add: typeof dispatch.add = async (...args) => void added.push(args[2]);
    const look = () => world.contain(id, { dispatch: { ...dispatch, add } });
    expect(await look()).toEqual({ answer: "held" });
    expect(added.sort()).toEqual([
      `evidence-after-${id}`,
      expect.stringMatching(`^page-${id}-.*-contained$`),
      expect.stringMatching(`^publish-${id}-.*-containment-complete$`),
      `publish-${id}-budget-frozen`,
    ]);
    expect(await look()).toEqual({ answer: "held" });
    expect(added).toHaveLength(4);
  });

  it("is told of under the same names where the worker dies as it tells, and again each time that it is contained anew", async () => {
    const { incidents, dispatch } = world.ports;
    const added: string[] = [];
    const add: typeof dispatch.add = async (...args) => void added.push(args[2]);
    const announced = () => Promise.reject(new Error("killed"));
    const dying = { dispatch: { ...dispatch, add }, incidents: { ...incidents, announced } };
    const { incidentId } = await world.freeze(await world.handOver());
    const id = incidentId!;
    await expect(world.contain(id, dying)).rejects.toThrow("killed");
    const first = [...added].sort();
    expect(first).toHaveLength(4);
    added.length = 0;
    await expect(world.contain(id, dying)).rejects.toThrow("killed");
    expect(added.sort()).toEqual(first);
    await world.contain(id);
    await world.freeze(await world.handOver({ kind: "budget-exhaustion" }));
    expect(await statusOf(id)).toBe("containing");
    added.length = 0;
    await expect(world.contain(id, dying)).rejects.toThrow("killed");
    expect(added.sort()).toEqual(first);
  });

  it("is over for every job once it was stood down, and hands over to recovery while that is asked", async () => {
    const id = await world.contained();
    await world.services.incidents.beginStandDown(id, "ada", "planned");
    expect(await world.contain(id)).toEqual({ answer: "standing-down" });
    expect((await world.jobs("recovery")).join()).toContain(`stand-down-${id}`);
    await world.services.incidents.setStatus(id, "stood-down", "recover", {});
    expect(await world.contain(id)).toEqual({ answer: "over" });
  });

  it("that does not exist is nobody's", async () => {
    await expect(world.contain("inc-0-none-1")).rejects.toMatchObject({ code: "not-found" });
  });
});
