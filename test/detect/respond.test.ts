import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RespondPorts, respond } from "../../src/detect/respond.ts";
import type { Signal } from "../../src/incident/signal.ts";
import type { Silence } from "../../src/incident/silence.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { aSignal } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
});

const HOUR = 3_600_000;
const answerTo = (given: Partial<Signal>, yaml?: string) => {
  const ports: RespondPorts = { ...stores, settings: readSettings(yaml, {}) };
  return respond(ports, aSignal(given));
};
async function openBreaker(agentId: string): Promise<void> {
  const limits = readSettings(undefined, {}).breaker;
  for (let i = 0; i < 5; i += 1) await stores.breakers.report(agentId, limits, { outcome: "failure", probe: null });
}
async function silence(more: Partial<Silence> = {}): Promise<Silence> {
  const now = await stores.clock.now();
  const all = { owner: "mira", reason: "load test", agent: undefined, signal: undefined, holdsContainment: false };
  return stores.silences.add({ ...all, from: now, until: now + HOUR, ...more });
}
const heldBack = async () => (await stores.silences.list([])).map((one) => one.heldBack);

describe("while the breaker of an agent is open (P3)", () => {
  it.each(["warning", "info"] as const)("any signal contains at once, also one of severity %s", async (severity) => {
    await openBreaker("agent-7");
    const { signal, policy } = await answerTo({ id: "sig-1", severity, kind: "cost-anomaly" });
    expect(policy.tier).toBe("auto-contain");
    expect(policy.reason).toMatch(/^breaker of agent-7 open since 20\S+Z: any signal -> auto-contain \(else /);
    expect(signal.id).not.toBe("sig-1");
    expect(signal).toMatchObject({ severity, why: { sentence: expect.stringContaining("after 5 failures in a row") } });
  });

  it("only its own signals do", async () => {
    await openBreaker("agent-7");
    expect((await answerTo({ agentId: "agent-8", severity: "warning" })).policy.tier).toBe("alert-human");
  });

  it("a check of ours that failed does not: it says nothing about the agent", async () => {
    await openBreaker("agent-7");
    const { policy } = await answerTo({ kind: "detection-failure", severity: "warning" });
    expect(policy.tier).toBe("alert-human");
  });

  it("what policy contains anyway keeps its line and its id", async () => {
    await openBreaker("agent-7");
    expect(await answerTo({ id: "sig-2" })).toMatchObject({
      signal: { id: "sig-2" },
      policy: { tier: "auto-contain", reason: "default policy: critical -> auto-contain" },
    });
  });
});

describe("while four failures were counted", () => {
  it("a warning alerts a human, as policy says", async () => {
    const limits = readSettings(undefined, {}).breaker;
    for (let i = 0; i < 4; i += 1) await stores.breakers.report("agent-7", limits, { outcome: "failure", probe: null });
    expect((await answerTo({ severity: "warning" })).policy.tier).toBe("alert-human");
  });
});

describe("while a silence is there (P6)", () => {
  it("an alert is held back and counted, and says by whom, until when and why", async () => {
    const { until } = await silence();
    const { signal, policy } = await answerTo({ id: "sig-3", severity: "warning" });
    expect(policy).toEqual({
      tier: null,
      reason: `silenced by mira until ${new Date(until).toISOString()}: load test`,
    });
    expect(signal.id).not.toBe("sig-3");
    expect(await heldBack()).toEqual([1]);
  });

  it("containment of a critical signal is not held back, unless the silence says so", async () => {
    await silence();
    expect((await answerTo({})).policy.tier).toBe("auto-contain");
    expect(await heldBack()).toEqual([0]);
    await silence({ holdsContainment: true });
    expect((await answerTo({})).policy).toEqual({ tier: null, reason: expect.stringContaining("silenced by mira") });
  });

  it("an open breaker still contains what would only have been an alert", async () => {
    await openBreaker("agent-7");
    await silence();
    expect((await answerTo({ severity: "warning" })).policy.tier).toBe("auto-contain");
  });

  it("what nobody would have heard of anyway is not counted", async () => {
    await silence();
    expect((await answerTo({ severity: "info" })).policy.reason).toContain("no policy line");
    expect(await heldBack()).toEqual([0]);
  });

  it("one of the settings file does the same, and both end by Redis's time", async () => {
    const now = await stores.clock.now();
    const yaml = (until: number) =>
      `silences: [{ owner: noor, reason: move, until: "${new Date(until).toISOString()}", agent: agent-7 }]`;
    const reasonOf = async (agentId: string, until: number) =>
      (await answerTo({ agentId, severity: "warning" }, yaml(until))).policy.reason;
    expect(await reasonOf("agent-7", now + HOUR)).toMatch(/^silenced by noor/);
    expect(await reasonOf("agent-7", now)).toBe("default policy: warning -> alert-human");
    expect(await reasonOf("agent-8", now + HOUR)).toBe("default policy: warning -> alert-human");
  });
});

describe("in observe-only mode (P5)", () => {
  it("what would be contained has an id of its own, so that acting later is not answered already", async () => {
    const observed = await answerTo({ id: "sig-4" }, "mode: observe");
    expect(observed.policy.tier).toBe("auto-contain");
    expect(observed.signal.id).not.toBe("sig-4");
    const byRunbook = await answerTo({ id: "sig-4" }, "runbooks: { runaway-spending: { dryRun: true } }");
    expect(byRunbook.signal.id).toBe(observed.signal.id);
    expect((await answerTo({ id: "sig-4", severity: "warning" }, "mode: observe")).signal.id).toBe("sig-4");
  });
});

describe("a critical signal whose id would outlast it", () => {
  const MINUTE = 60_000;
  const told = "policy: [{ signal: escrow-burst, severity: critical, tier: alert-human }]";
  const idOf = async (ageMs: number, yaml?: string) => {
    const occurredAt = (await stores.clock.now()) - ageMs;
    return { id: (await answerTo({ id: "sig-5", occurredAt }, yaml)).signal.id, occurredAt };
  };

  it("has one of its hour where it is only told, and its own where it is contained in time", async () => {
    expect((await idOf(0)).id).toBe("sig-5");
    const { id, occurredAt } = await idOf(0, told);
    expect(id).not.toBe("sig-5");
    expect((await answerTo({ id: "sig-5", occurredAt }, told)).signal.id).toBe(id);
    expect((await idOf(HOUR, told)).id).not.toBe(id);
  });

  it("has one of its hour where it comes late, since it may be found stale", async () => {
    expect((await idOf(9 * MINUTE)).id).toBe("sig-5");
    const late = await idOf(2 * HOUR);
    expect(late.id).not.toBe("sig-5");
    expect((await idOf(4 * HOUR)).id).not.toBe(late.id);
  });
});
