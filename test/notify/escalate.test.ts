import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Channel } from "../../src/incident/escalation.ts";
import type { Dispatch, JobData } from "../../src/incident/jobs.ts";
import type { OpenRequest } from "../../src/incident/ports.ts";
import { auditEscalations } from "../../src/notify/audit-escalations.ts";
import { escalate, wakeEscalations } from "../../src/notify/escalate.ts";
import { pageOf } from "../../src/notify/page-of.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

type Job = JobData["notification"];

let stores: Stores;
/** Adding the same id twice is one job, as in the queue. */
let jobs: Map<string, Job>;
let errors: [string, unknown][];
let reachable: Channel[];
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  jobs = new Map();
  errors = [];
  reachable = ["slack", "pagerduty-secondary"];
});

const MINUTE = 60_000;
const dispatch: Dispatch = {
  async add(_queue, _about, jobId, data) {
    if (!jobs.has(jobId)) jobs.set(jobId, data as Job);
  },
  isLive: async () => false,
};
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: unknown, what: string) => void errors.push([what, fields]),
};
const ports = () => ({ ...stores, dispatch, log, reachable });
const policy = {
  P0: [
    { afterMs: 5 * MINUTE, to: ["slack", "pagerduty-secondary", "webhook"] },
    { afterMs: 9 * MINUTE, to: ["webhook"] },
  ],
} as const satisfies OpenRequest["escalation"];
let agents = 0;
async function open(more: Partial<OpenRequest> = {}): Promise<string> {
  agents += 1;
  const request = openRequest({ agentId: `agent-${agents}` }, { escalation: policy, ...more });
  return (await stores.incidents.open(request)).incidentId;
}
async function ago(incidentId: string, ms: number): Promise<string> {
  await stores.redis.hincrby(keys.incident(0, incidentId), "escalationSince", -ms);
  await stores.redis.zadd(keys.escalations(0), "XX", "INCR", -ms, incidentId);
  return incidentId;
}
const openAgo = async (ms: number, more: Partial<OpenRequest> = {}) => ago(await open(more), ms);
const wake = () => wakeEscalations(ports(), 0);
const audit = () => auditEscalations(ports(), 0);
/** Works every escalate job there is now, as often as it is there, and takes it out of the queue. */
async function work(): Promise<string[]> {
  const found = [...jobs].filter(([, job]) => job.kind === "escalate");
  const answers: string[] = [];
  for (const [jobId, job] of found) {
    if (job.kind === "escalate") answers.push((await escalate(ports(), job)).answer);
    jobs.delete(jobId);
  }
  return answers;
}
const sent = () => [...jobs].filter(([, job]) => job.kind === "send").map(([jobId]) => jobId);
const sentOf = (incidentId: string, level: number, ...to: string[]) =>
  to.map((channel) => `escalated-${incidentId}-P0-${level}-${channel}`);
const timeline = async (incidentId: string) =>
  (await stores.incidents.view(incidentId))!.timeline.map(({ what, detail }) => ({ what, ...detail }));

describe("an incident that nobody acknowledges", () => {
  it("has the channels of its level told, those that are there, and says which are not", async () => {
    const incidentId = await openAgo(5 * MINUTE);
    expect(await wake()).toBe(1);
    expect([...jobs.keys()]).toEqual([`escalate-${incidentId}-P0-0`]);
    expect(await work()).toEqual(["told"]);
    expect(sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
    expect(jobs.get(sent()[1]!)).toMatchObject({
      incidentId,
      what: "escalated",
      channel: "slack",
      others: ["pagerduty-secondary"],
    });
    expect((await timeline(incidentId)).at(-1)).toEqual({
      what: "escalated",
      level: 0,
      priority: "P0",
      to: ["slack", "pagerduty-secondary"],
      notConfigured: ["webhook"],
    });
    expect(errors).toEqual([]);
    expect(await wake()).toBe(0);
  });

  it("says aloud that a level reaches nobody, and goes on to the next at its own time", async () => {
    reachable = ["webhook"];
    const incidentId = await openAgo(5 * MINUTE, {
      escalation: { P0: [{ afterMs: 5 * MINUTE, to: ["slack"] }, policy.P0[1]] },
    });
    await wake();
    expect(await work()).toEqual(["reaches-nobody"]);
    expect(errors).toEqual([["escalation.reaches-nobody", expect.objectContaining({ incidentId, level: 0, to: [] })]]);
    expect((await timeline(incidentId)).at(-1)).toMatchObject({ what: "escalated", to: [], notConfigured: ["slack"] });
    await ago(incidentId, 4 * MINUTE - 2_000);
    expect(await wake()).toBe(0);
    await ago(incidentId, 2_000);
    await wake();
    expect(await work()).toEqual(["told"]);
    expect(sent()).toContain(`escalated-${incidentId}-P0-1-webhook`);
  });

  it("is told once however many tickers look, and however often the job comes", async () => {
    const incidentId = await openAgo(5 * MINUTE);
    await Promise.all([wake(), wake(), wake()]);
    const [job] = [...jobs.values()] as Extract<Job, { kind: "escalate" }>[];
    const answers = await Promise.all([1, 2, 3].map(() => escalate(ports(), job!)));
    expect(answers.map(({ answer }) => answer)).toEqual(["told", "told", "told"]);
    expect(sent()).toHaveLength(3);
    expect((await timeline(incidentId)).filter(({ what }) => what === "escalated")).toHaveLength(1);
  });

  it("is told although the worker died between counting and telling", async () => {
    const incidentId = await openAgo(5 * MINUTE);
    await wake();
    const [job] = [...jobs.values()] as Extract<Job, { kind: "escalate" }>[];
    const dying = { ...dispatch, add: () => Promise.reject(new Error("killed")) };
    await expect(escalate({ ...ports(), dispatch: dying }, job!)).rejects.toThrow("killed");
    expect([await wake(), sent()]).toEqual([0, []]);
    expect(await escalate(ports(), job!)).toEqual({ answer: "told" });
    expect(sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
  });

  it("is tried again where Redis's clock went back meanwhile", async () => {
    const incidentId = await openAgo(5 * MINUTE);
    await wake();
    await ago(incidentId, -MINUTE);
    await expect(work()).rejects.toMatchObject({ code: "step-failed" });
    expect(sent()).toEqual([]);
  });
});

describe("an acknowledgement between the timer and its job", () => {
  it("has nobody told, and it stands in the incident", async () => {
    const incidentId = await openAgo(5 * MINUTE);
    await wake();
    await stores.escalations.acknowledge(incidentId, "ada");
    expect(await work()).toEqual(["not-needed"]);
    expect([sent(), await wake()]).toEqual([[], 0]);
    expect((await timeline(incidentId)).at(-1)).toMatchObject({ what: "escalation-not-needed", level: 0 });
  });

  it("has nobody told of the rest, where the first of them was told before", async () => {
    await openAgo(5 * MINUTE);
    await wake();
    const [job] = [...jobs.values()] as Extract<Job, { kind: "escalate" }>[];
    await escalate(ports(), job!);
    await stores.escalations.acknowledge(job!.incidentId!, "ada");
    expect(await escalate(ports(), job!)).toEqual({ answer: "not-needed" });
  });
});

describe("a message of a level that was counted before the acknowledgement", () => {
  const say = async (incidentId: string) => {
    const about = { agentId: "agent-7", incidentId, signalId: null, what: "escalated" } as const;
    return pageOf({ ...stores, publicUrl: undefined }, about);
  };

  it("is sent while nobody has it, and not any more once somebody has, or it is over", async () => {
    const [mine, over] = await Promise.all([openAgo(5 * MINUTE), openAgo(5 * MINUTE)]);
    expect(await say(mine)).toMatchObject({ kind: "escalated", action: "trigger", dedupKey: mine });
    await stores.escalations.acknowledge(mine, "ada");
    await stores.incidents.setStatus(over, "stood-down", "recover", {});
    expect([await say(mine), await say(over)]).toEqual(["not-needed", "not-needed"]);
  });
});

describe("the incidents of one cascade", () => {
  const cascadeId = "cas-1";
  const cascade = { cascadeId, runbook: "cascade-failure" };

  it("escalate once a level, together", async () => {
    const members = await Promise.all(Array.from({ length: 12 }, () => openAgo(5 * MINUTE, cascade)));
    expect(await wake()).toBe(12);
    expect((await work()).sort()).toEqual(["told", ...Array(11).fill("told-with-its-group")]);
    expect(sent()).toHaveLength(3);
    const [teller, other] = members.toSorted((a) => (sent().join().includes(a) ? -1 : 1));
    expect((await timeline(other!)).at(-1)).toEqual({ what: "escalated", level: 0, priority: "P0", toldWith: teller });
    expect(await wake()).toBe(0);
  });

  it("that begin to wait after the others were told are told by themselves", async () => {
    await openAgo(5 * MINUTE, cascade);
    await wake();
    await work();
    const late = await open(cascade);
    await stores.redis.hset(keys.incident(0, late), "escalationSince", (await stores.clock.now()) + 1);
    // Five minutes later: the others were told before this one opened.
    await stores.redis.zadd(keys.escalations(0), 1, late);
    await wake();
    expect(await work()).toEqual(["told"]);
    expect(sent()).toContain(`escalated-${late}-P0-0-slack`);
  });

  it("tell although the one whose turn it was has been acknowledged meanwhile", async () => {
    const first = await openAgo(6 * MINUTE, cascade);
    const second = await openAgo(5 * MINUTE, cascade);
    await wake();
    // The claim is made, and then somebody takes this one on.
    await stores.escalations.claimFor(cascadeId, { incidentId: first, priority: "P0", level: 0 }, 0);
    await stores.escalations.acknowledge(first, "ada");
    expect(await work()).toEqual(["not-needed", "told"]);
    expect(sent()).toEqual(sentOf(second, 0, "log", "slack", "pagerduty-secondary"));
  });
});

describe("a shutdown of the whole fleet", () => {
  it("escalates once, not once an agent", async () => {
    const shutdown = async (agentId: string) => {
      const signal = aSignal({ agentId, kind: "fleet-shutdown" });
      const why = { ...signal.why, rule: "fleet-shutdown", observed: { shutdown: "shutdown-1" } };
      const request = openRequest({ ...signal, why }, { runbook: "fleet-shutdown", escalation: policy });
      return ago((await stores.incidents.open(request)).incidentId, 5 * MINUTE);
    };
    await Promise.all(["a", "b", "c"].map(shutdown));
    await openAgo(5 * MINUTE);
    await wake();
    expect((await work()).sort()).toEqual(["told", "told", "told-with-its-group", "told-with-its-group"]);
  });
});

describe("the auditor", () => {
  it("leaves alone what is late for less than 60 s", async () => {
    await openAgo(6 * MINUTE - 2_000);
    expect([await audit(), errors, jobs.size]).toEqual([0, [], 0]);
  });

  it("says what nobody told, has it told once, and the ticker that wakes up late tells nobody again", async () => {
    const incidentId = await openAgo(6 * MINUTE);
    expect(await audit()).toBe(1);
    expect(errors).toEqual([["escalation.missed", expect.objectContaining({ incidentId, priority: "P0", level: 0 })]]);
    expect(await audit()).toBe(1);
    expect(errors).toHaveLength(1);
    expect([...jobs.keys()]).toEqual([`audited-${incidentId}-P0-0`]);
    await wake();
    expect(await work()).toEqual(["told", "told"]);
    expect(sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
    const whats = (await timeline(incidentId)).map(({ what }) => what);
    expect(whats).toEqual(["incident-opened", "escalation-missed", "escalated"]);
    expect([await audit(), errors.length]).toEqual([0, 1]);
  });

  it("goes on saying it once a minute while nobody works its job", async () => {
    const incidentId = await openAgo(6 * MINUTE);
    await audit();
    await stores.redis.hincrby(keys.incident(0, incidentId), "escalationMissedAt", -MINUTE);
    await audit();
    expect(errors).toHaveLength(2);
    expect(await stores.escalations.overdue(MINUTE)).toBe(1);
  });

  it("says nothing of what was acknowledged, stood down, or is over", async () => {
    await stores.escalations.acknowledge(await openAgo(60 * MINUTE), "ada");
    await stores.incidents.beginStandDown(await openAgo(60 * MINUTE), "bob", "planned");
    await stores.incidents.setStatus(await openAgo(60 * MINUTE), "stood-down", "recover", {});
    expect([await audit(), errors, jobs.size]).toEqual([0, [], 0]);
  });
});
