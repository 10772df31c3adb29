import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import type { About } from "../../src/incident/jobs.ts";
import { openNotifiers } from "../../src/notify/notifiers/index.ts";
import { notify } from "../../src/notify/notify.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { recordedDispatch } from "../runbooks/step-ports.ts";

let stores: Stores;
let said: string[];
let published: { agentId: string; eventType: string; actionKey: string }[];
let isBusDown = false;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  said = [];
  published = [];
  isBusDown = false;
});

const gateway = {
  async publishEvent(agentId: string, eventType: string, _payload: unknown, actionKey: string) {
    if (isBusDown) return { outcome: "unknown", error: new TourniquetError("gateway-failed", "500") };
    published.push({ agentId, eventType, actionKey });
    return { outcome: "done", value: { eventId: "1" } };
  },
} as unknown as Gateway;
const log = {
  info: () => undefined,
  warn: (_fields: unknown, what: string) => said.push(what),
  error: () => undefined,
};
const notifiers = openNotifiers(
  { slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined },
  { allowPrivateHosts: false },
  log,
);
const settings = readSettings(undefined, {});
const run = (job: Partial<About> & { kind?: "page" | "publish" }) =>
  notify(
    { ...stores, gateway, log, notifiers, settings, dispatch: recordedDispatch(), publicUrl: undefined },
    {
      ...{ agentId: "agent-7", incidentId: null, signalId: null, kind: "page", what: "contained" },
      ...job,
    } as Parameters<typeof notify>[1],
    { jobId: `page-${job.incidentId ?? job.signalId}-${job.what}`, number: 1, isLast: false },
  );
const open = async () => (await stores.incidents.open(openRequest())).incidentId;

describe("a page", () => {
  it("about an incident reaches the log with its priority", async () => {
    expect(await run({ incidentId: await open() })).toEqual({ answer: "sent", channels: [] });
    expect(said).toEqual([expect.stringMatching(/^page\.sent: P0 Contained: agent-7/)]);
  });

  it("about a signal alone is made of the verdict", async () => {
    const signal = aSignal({ kind: "budget-warning", severity: "warning" });
    await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "line", eventId: "evt-0-1" });
    expect(await run({ signalId: signal.id, what: "signal" })).toEqual({ answer: "sent", channels: [] });
    expect(said[0]).toContain("budget-warning (warning) on agent-7");
  });

  it("about nothing we know is not sent", async () => {
    expect(await run({ incidentId: "inc-0-none-1" })).toEqual({ answer: "nothing-to-say" });
    expect(await run({ signalId: "sig-none" })).toEqual({ answer: "nothing-to-say" });
    expect(said).toEqual([]);
  });

  it.each([
    ["a freeze that took too long is sent only if it did (G13)", "not-frozen-in-time"],
    ["a freeze that fails is sent only while it does: the second try may have succeeded meanwhile", "freeze-failing"],
  ] as const)("for %s", async (_, what) => {
    const incidentId = await open();
    expect(await run({ incidentId, what })).toEqual({ answer: "sent", channels: [] });
    await stores.incidents.stamp(incidentId, "effectiveAt");
    expect(await run({ incidentId, what })).toEqual({ answer: "not-needed" });
    const other = (await stores.incidents.open(openRequest({ agentId: "agent-8" }))).incidentId;
    await stores.incidents.setStatus(other, "stood-down", "recover", {});
    expect(await run({ incidentId: other, what })).toEqual({ answer: "not-needed" });
  });
});

describe("a page for a measure that took too long", () => {
  const measured = async (runbook: string) =>
    (await stores.incidents.open(openRequest({}, { runbook, priority: "P2" }))).incidentId;
  const late = (incidentId: string, what = "not-frozen-in-time") => run({ incidentId, what });

  it.each(["service-degradation", "agent-restriction"])(
    "is sent for %s too, unless it took effect",
    async (runbook) => {
      const incidentId = await measured(runbook);
      expect(await late(incidentId)).toEqual({ answer: "sent", channels: [] });
      expect(said[0]).not.toMatch(/frozen/);
      await stores.incidents.stamp(incidentId, "effectiveAt");
      expect(await late(incidentId)).toEqual({ answer: "not-needed" });
    },
  );

  it("is not sent where all there was to do is for a person", async () => {
    const incidentId = await measured("agent-restriction");
    await stores.incidents.setStatus(incidentId, "containing", "contain", {});
    await stores.incidents.setStatus(incidentId, "contained", "contain", {});
    expect(await late(incidentId)).toEqual({ answer: "not-needed" });
    expect(await late(incidentId, "not-contained-in-time")).toEqual({ answer: "not-needed" });
  });

  it("is sent for a freeze that joined what only halved a budget, however long that has been in effect", async () => {
    const incidentId = await measured("service-degradation");
    await stores.incidents.recordReceipt(incidentId, "halve-budget", "contain", { dailyCap: "250.00" });
    await stores.incidents.stamp(incidentId, "effectiveAt");
    await stores.incidents.setStatus(incidentId, "containing", "contain", {});
    await stores.incidents.setStatus(incidentId, "contained", "contain", {});
    await stores.incidents.open(openRequest());
    expect(await late(incidentId)).toEqual({ answer: "sent", channels: [] });
    expect(await late(incidentId, "not-contained-in-time")).toEqual({ answer: "sent", channels: [] });
    await stores.incidents.recordReceipt(incidentId, "freeze-budget", "contain", {});
    expect(await late(incidentId)).toEqual({ answer: "not-needed" });
  });
});

describe("an announcement", () => {
  it("goes to the bus under an action key of its own", async () => {
    const incidentId = await open();
    const job = { incidentId, kind: "publish", what: "budget-frozen" } as const;
    expect(await run(job)).toEqual({ answer: "published" });
    expect(published).toEqual([
      { agentId: "agent-7", eventType: "incident_budget_frozen", actionKey: `publish:${incidentId}:budget-frozen` },
    ]);
  });

  it("that the bus did not take is for the queue to try again", async () => {
    isBusDown = true;
    const job = { incidentId: await open(), kind: "publish", what: "budget-frozen" } as const;
    await expect(run(job)).rejects.toMatchObject({ code: "gateway-failed" });
    isBusDown = false;
    expect(await run(job)).toEqual({ answer: "published" });
  });

  it("of an incident that is not there says nothing", async () => {
    expect(await run({ incidentId: "inc-0-none-1", kind: "publish" })).toEqual({ answer: "nothing-to-say" });
  });
});
