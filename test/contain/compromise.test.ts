import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

const pinned = "ab".repeat(32);
const settings = `fleet: { agents: [{ id: agent-7, pinnedPublicKey: "${pinned}" }] }`;
let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld({ settings });
  await world.admin.placeAgent("agent-7", { publicKey: pinned });
});
afterEach(() => world.close());

const view = async (id: string) => (await world.services.incidents.view(id))!;
const compromise = { kind: "identity-compromise", suspectPayee: null } as const;
const takeOver = () => world.admin.placeAgent("agent-7", { publicKey: "cd".repeat(32) });
const freezeJobs = async () => {
  const jobs = await world.services.queues.of("freeze", 0).getJobs();
  return jobs.map(({ data }) => data).filter(({ eventId }) => eventId === null);
};

describe("when an agent's identity is compromised", () => {
  it("everything is contained, and its evidence is kept with digests, before anybody can change it", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "150.00", 2);
    const id = await world.contained(compromise);
    expect(await view(id)).toMatchObject({ status: "contained", priority: "P0", runbook: "identity-compromise" });
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00" }, escrows: { held: 0, refunded: 2 } });
    const evidence = await world.services.incidents.evidence(id);
    expect(evidence.identity).toMatchObject({ known: { publicKey: pinned } });
    for (const part of ["identity", "claim-chains", "reputation"]) {
      const receipt = (await view(id)).steps.find(({ step }) => step === `preserve-${part}`);
      expect(receipt?.result).toMatchObject({ evidence: part, sha256: hash("sha256", JSON.stringify(evidence[part])) });
    }
    const told = (await world.jobs("notification")).join(" ");
    expect(told).toContain(`page-${id}-identity-compromise-suspected`);
    expect(told).toContain(`publish-${id}-identity-compromise-suspected`);
  });

  it("the first evidence stays, whatever the identity says later", async () => {
    const id = await world.contained(compromise);
    await takeOver();
    await world.services.redis.hdel(`{tq:0}:incident:${id}:receipts`, "preserve-identity");
    await world.contain(id);
    expect((await world.services.incidents.evidence(id)).identity).toMatchObject({ known: { publicKey: pinned } });
  });

  it("the freeze does not wait for evidence that does not come, and what will never come is a finding", async () => {
    const { gateway } = world.ports;
    const asked: string[] = [];
    const odd: Gateway = {
      ...gateway,
      readIdentity: () => new Promise(() => undefined),
      readClaimChains: async () => Promise.reject(new Error("must not be asked before the freeze")),
      async setBudget(...call) {
        asked.push("freeze");
        return gateway.setBudget(...call);
      },
    };
    await world.freeze(await world.handOver(compromise), { gateway: odd });
    expect(asked).toEqual(["freeze"]);
    expect((await world.agent()).caps.daily).toBe("0.00");
    const { id } = await world.incident();
    const refusing: Gateway = {
      ...gateway,
      readClaimChains: async () => Promise.reject(new TourniquetError("gateway-refused", "403 insufficient-tier")),
    };
    await world.contain(id, { gateway: refusing });
    expect((await world.services.incidents.evidence(id))["claim-chains"]).toMatchObject({
      unknown: "403 insufficient-tier",
    });
    expect((await view(id)).steps.find(({ step }) => step === "preserve-claim-chains")?.result).toMatchObject({
      unknown: "403 insufficient-tier",
    });
  });

  it("evidence that could not be had is asked for again while the incident is held", async () => {
    const { gateway } = world.ports;
    const down: Gateway = { ...gateway, readReputation: async () => Promise.reject(new Error("500")) };
    const { incidentId } = await world.freeze(await world.handOver(compromise));
    await world.contain(incidentId!, { gateway: down });
    expect(Object.keys(await world.services.incidents.evidence(incidentId!))).not.toContain("reputation");
    await world.contain(incidentId!);
    expect(Object.keys(await world.services.incidents.evidence(incidentId!))).toContain("reputation");
  });
});

describe("when the identity check of another incident fails (C4)", () => {
  it("the incident is widened: one incident of both runbooks, with everything that the second asks for", async () => {
    await takeOver();
    await world.admin.holdEscrows("agent-7", "honest", "150.00", 1);
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 1);
    const id = await world.contained({ kind: "payee-concentration" });
    expect(await world.agent()).toMatchObject({ escrows: { held: 1, refunded: 1 } });
    const [job] = await freezeJobs();
    expect(await world.freeze(job)).toMatchObject({ answer: "joined", incidentId: id });
    await world.contain(id);
    const { runbooks, runbook, priority, signals, status } = await view(id);
    expect({ runbooks, runbook, priority, status }).toEqual({
      runbooks: ["escrow-exploitation", "identity-compromise"],
      runbook: "identity-compromise",
      priority: "P0",
      status: "contained",
    });
    expect(signals.map(({ kind }) => kind).sort()).toEqual(["identity-compromise", "payee-concentration"]);
    expect(await world.agent()).toMatchObject({ escrows: { held: 0, refunded: 2 } });
    expect((await view(id)).reassertions).toBe(0);
  });

  it("a freeze takes the place of half a budget, in one incident", async () => {
    await takeOver();
    const id = await world.contained({ kind: "reputation-drift", suspectPayee: null });
    expect((await world.agent()).caps.daily).toBe("250.00");
    await world.freeze((await freezeJobs())[0]);
    await world.contain(id);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect(await view(id)).toMatchObject({ status: "contained", priority: "P0" });
  });

  it("what joins while the first is being confirmed is not called contained by the plan from before", async () => {
    await takeOver();
    const { incidentId } = await world.freeze(await world.handOver({ kind: "reputation-drift", suspectPayee: null }));
    const { dispatch } = world.ports;
    const prompt: typeof dispatch = {
      ...dispatch,
      async add(queue, agentOrIncident, jobId, data, options) {
        await dispatch.add(queue, agentOrIncident, jobId, data, options);
        if (queue === "freeze") await world.freeze(data as never);
      },
    };
    expect(await world.contain(incidentId!, { dispatch: prompt })).toEqual({ answer: "contained" });
    const { status, steps } = await view(incidentId!);
    expect(status).toBe("contained");
    expect(steps.filter(({ status: done }) => done === "done").map(({ step }) => step)).toEqual(
      expect.arrayContaining(["freeze-budget", "cancel-escrows", "preserve-claim-chains"]),
    );
  });

  it("nothing is widened where the key is the pinned one", async () => {
    await world.contained({ kind: "payee-concentration" });
    expect(await freezeJobs()).toEqual([]);
  });
});

describe("when a payee is suspected of exploiting escrows", () => {
  const watched = () => world.services.marks.on("payee", "flaky-upstream");
  const flag = async (id: string) => (await view(id)).steps.find(({ step }) => step === "flag-payee")?.result?.payees;

  it("only his escrows are taken back, his reputation is kept, and he is remembered with why and since when", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "20.00", 1);
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 2);
    const id = await world.contained({ kind: "payee-concentration" });
    expect(await world.agent()).toMatchObject({ escrows: { held: 1, refunded: 2 } });
    expect(await watched()).toMatchObject([
      { incidentId: id, what: "suspected", why: expect.stringContaining("8 escrows") },
    ]);
    expect(Object.keys(await world.services.incidents.evidence(id))).toContain("payee-reputation");
    expect(await flag(id)).toMatchObject([
      {
        payee: "flaky-upstream",
        watched: true,
        suspectedBefore: 0,
        metrics: expect.stringMatching(/^not-done: .*400/),
      },
    ]);
  });

  it("the next incident knows that he was suspected before; stand-down takes back its own flag only", async () => {
    const first = await world.contained({ kind: "payee-concentration" });
    await world.admin.placeAgent("agent-8");
    const second = await world.contained({ kind: "payee-concentration", agentId: "agent-8" });
    expect(await flag(second)).toMatchObject([{ suspectedBefore: 1 }]);
    await world.services.incidents.beginStandDown(second, "ada", "planned");
    await standDown(world.ports, { incidentId: second }, new AbortController().signal);
    expect((await watched()).map(({ incidentId }) => incidentId)).toEqual([first]);
  });

  it.each(["unknown", "not-done"] as const)(
    "a flag that the gateway answers with %s stops nothing, and is asked for once",
    async (outcome) => {
      const { gateway } = world.ports;
      let asked = 0;
      const odd: Gateway = {
        ...gateway,
        submitMetrics: async () => {
          asked += 1;
          return { outcome, error: new TourniquetError("gateway-timeout", "no answer") };
        },
      };
      const { incidentId } = await world.freeze(await world.handOver({ kind: "payee-concentration" }));
      expect(await world.contain(incidentId!, { gateway: odd })).toEqual({ answer: "contained" });
      await world.services.redis.hdel(`{tq:0}:incident:${incidentId}:receipts`, "flag-payee");
      await world.contain(incidentId!, { gateway: odd });
      expect(asked).toBe(1);
      expect(await flag(incidentId!)).toMatchObject([{ watched: true, metrics: `${outcome}: no answer` }]);
    },
  );
});
