import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { escalate } from "../../src/notify/escalate.ts";
import { pageOf } from "../../src/notify/page-of.ts";
import { keys } from "../../src/redis/keys.ts";
import { MINUTE } from "../redis/escalating.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { escalationNight, policy, sentOf } from "./escalation-night.ts";

let night: Awaited<ReturnType<typeof escalationNight>>;
beforeAll(async () => {
  night = await escalationNight();
});
afterAll(() => night.stores.close());
beforeEach(() => night.begin("slack", "pagerduty-secondary"));

describe("an incident that nobody acknowledges", () => {
  it("has the channels of its level told, those that are there, and says which are not", async () => {
    const incidentId = await night.openAgo(5 * MINUTE);
    expect(await night.wake()).toBe(1);
    expect([...night.jobs.keys()]).toEqual([`escalate-${incidentId}-P0-0`]);
    expect(await night.work()).toEqual(["told"]);
    expect(night.sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
    expect(night.jobs.get(night.sent()[1]!)).toMatchObject({
      incidentId,
      what: "escalated",
      channel: "slack",
      others: ["pagerduty-secondary"],
    });
    expect((await night.timeline(incidentId)).at(-1)).toEqual({
      what: "escalated",
      level: 0,
      priority: "P0",
      to: ["slack", "pagerduty-secondary"],
      notConfigured: ["webhook"],
    });
    expect(night.errors).toEqual([]);
    expect(await night.wake()).toBe(0);
  });

  it("says aloud that a level reaches nobody, and goes on to the next at its own time", async () => {
    await night.begin("webhook");
    const incidentId = await night.openAgo(5 * MINUTE, {
      escalation: { P0: [{ afterMs: 5 * MINUTE, to: ["slack"] }, policy.P0[1]] },
    });
    await night.wake();
    expect(await night.work()).toEqual(["reaches-nobody"]);
    expect(night.errors).toEqual([
      ["escalation.reaches-nobody", expect.objectContaining({ incidentId, level: 0, to: [] })],
    ]);
    expect((await night.timeline(incidentId)).at(-1)).toMatchObject({
      what: "escalated",
      to: [],
      notConfigured: ["slack"],
    });
    await night.ago(incidentId, 4 * MINUTE - 2_000);
    expect(await night.wake()).toBe(0);
    await night.ago(incidentId, 2_000);
    await night.wake();
    expect(await night.work()).toEqual(["told"]);
    expect(night.sent()).toContain(`escalated-${incidentId}-P0-1-webhook`);
  });

  it("is told once however many tickers look, and however often the job comes", async () => {
    const incidentId = await night.openAgo(5 * MINUTE);
    await Promise.all([night.wake(), night.wake(), night.wake()]);
    const job = night.job();
    const answers = await Promise.all([1, 2, 3].map(() => escalate(night.ports, job)));
    expect(answers.map(({ answer }) => answer)).toEqual(["told", "told", "told"]);
    expect(night.sent()).toHaveLength(3);
    expect((await night.timeline(incidentId)).filter(({ what }) => what === "escalated")).toHaveLength(1);
  });

  it("is told although the worker died between counting and telling", async () => {
    const incidentId = await night.openAgo(5 * MINUTE);
    await night.wake();
    const job = night.job();
    const dying = { ...night.ports.dispatch, add: () => Promise.reject(new Error("killed")) };
    await expect(escalate({ ...night.ports, dispatch: dying }, job)).rejects.toThrow("killed");
    expect([await night.wake(), night.sent()]).toEqual([0, []]);
    expect(await escalate(night.ports, job)).toEqual({ answer: "told" });
    expect(night.sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
  });

  it("is tried again where Redis's clock went back meanwhile", async () => {
    const incidentId = await night.openAgo(5 * MINUTE);
    await night.wake();
    await night.ago(incidentId, -MINUTE);
    await expect(night.work()).rejects.toMatchObject({ code: "step-failed" });
    expect(night.sent()).toEqual([]);
  });
});

describe("an acknowledgement between the timer and its job", () => {
  it("has nobody told, and it stands in the incident", async () => {
    const incidentId = await night.openAgo(5 * MINUTE);
    await night.wake();
    await night.stores.escalations.acknowledge(incidentId, "ada");
    expect(await night.work()).toEqual(["not-needed"]);
    expect([night.sent(), await night.wake()]).toEqual([[], 0]);
    expect((await night.timeline(incidentId)).at(-1)).toMatchObject({ what: "escalation-not-needed", level: 0 });
  });

  it("has nobody told of the rest, where the first of them was told before", async () => {
    await night.openAgo(5 * MINUTE);
    await night.wake();
    const job = night.job();
    await escalate(night.ports, job);
    await night.stores.escalations.acknowledge(job.incidentId!, "ada");
    expect(await escalate(night.ports, job)).toEqual({ answer: "not-needed" });
  });
});

describe("a message of a level that was counted before the acknowledgement", () => {
  const say = async (incidentId: string) => {
    const about = { agentId: "agent-7", incidentId, signalId: null, what: "escalated" } as const;
    return pageOf({ ...night.stores, publicUrl: undefined }, about);
  };

  it("is sent while nobody has it, and not any more once somebody has, or it is over", async () => {
    const [mine, over] = await Promise.all([night.openAgo(5 * MINUTE), night.openAgo(5 * MINUTE)]);
    expect(await say(mine)).toMatchObject({ kind: "escalated", action: "trigger", dedupKey: mine });
    await night.stores.escalations.acknowledge(mine, "ada");
    await night.stores.incidents.setStatus(over, "stood-down", "recover", {});
    expect([await say(mine), await say(over)]).toEqual(["not-needed", "not-needed"]);
  });
});

describe("a recovery that is asked for", () => {
  it("stops the pagers as an acknowledgement does", async () => {
    const about = { agentId: "agent-7", incidentId: await night.open(), signalId: null } as const;
    for (const what of ["acknowledged", "recovery-asked"] as const)
      expect(await pageOf({ ...night.stores, publicUrl: undefined }, { ...about, what })).toMatchObject({
        action: "acknowledge",
      });
  });
});

describe("the incidents of one cascade", () => {
  const cascadeId = "cas-1";
  const cascade = { cascadeId, runbook: "cascade-failure" };

  it("escalate once a level, together", async () => {
    const members = await Promise.all(Array.from({ length: 12 }, () => night.openAgo(5 * MINUTE, cascade)));
    expect(await night.wake()).toBe(12);
    expect((await night.work()).sort()).toEqual(["told", ...Array(11).fill("told-with-its-group")]);
    expect(night.sent()).toHaveLength(3);
    const [teller, other] = members.toSorted((a) => (night.sent().join().includes(a) ? -1 : 1));
    expect((await night.timeline(other!)).at(-1)).toEqual({
      what: "escalated",
      level: 0,
      priority: "P0",
      toldWith: teller,
    });
    expect(await night.wake()).toBe(0);
  });

  it("that begin to wait after the others were told are told by themselves", async () => {
    await night.openAgo(5 * MINUTE, cascade);
    await night.wake();
    await night.work();
    const late = await night.open(cascade);
    await night.stores.redis.hset(keys.incident(0, late), "escalationSince", (await night.stores.clock.now()) + 1);
    // Five minutes later: the others were told before this one opened.
    await night.stores.redis.zadd(keys.escalations(0), 1, late);
    await night.wake();
    expect(await night.work()).toEqual(["told"]);
    expect(night.sent()).toContain(`escalated-${late}-P0-0-slack`);
  });

  it("tell although the one whose turn it was has been acknowledged meanwhile", async () => {
    const first = await night.openAgo(6 * MINUTE, cascade);
    const second = await night.openAgo(5 * MINUTE, cascade);
    await night.wake();
    // The claim is made, and then somebody takes this one on.
    await night.stores.escalations.claimFor(cascadeId, { incidentId: first, priority: "P0", level: 0 }, 0);
    await night.stores.escalations.acknowledge(first, "ada");
    expect(await night.work()).toEqual(["not-needed", "told"]);
    expect(night.sent()).toEqual(sentOf(second, 0, "log", "slack", "pagerduty-secondary"));
  });
});

describe("a shutdown of the whole fleet", () => {
  it("escalates once, not once an agent", async () => {
    const shutdown = async (agentId: string) => {
      const signal = aSignal({ agentId, kind: "fleet-shutdown" });
      const why = { ...signal.why, rule: "fleet-shutdown", observed: { shutdown: "shutdown-1" } };
      const request = openRequest({ ...signal, why }, { runbook: "fleet-shutdown", escalation: policy });
      return night.ago((await night.stores.incidents.open(request)).incidentId, 5 * MINUTE);
    };
    await Promise.all(["a", "b", "c"].map(shutdown));
    await night.openAgo(5 * MINUTE);
    await night.wake();
    expect((await night.work()).sort()).toEqual(["told", "told", "told-with-its-group", "told-with-its-group"]);
  });
});
