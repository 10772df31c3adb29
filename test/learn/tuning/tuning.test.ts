import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { orderTuning } from "../../../src/learn/tuning/order-tuning.ts";
import { learnFrom } from "../../../src/learn/tuning/tuning.ts";
import { holdSettings } from "../../../src/settings/holder.ts";
import { readSettings, thresholdsFor } from "../../../src/settings/settings.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { silent } from "../../runbooks/step-ports.ts";
import { anIncident, seconds, theLoop } from "../post-mortem/an-incident.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

let incidents = 0;
/** Of an agent that nothing was learned about yet, unless one is named. */
async function over(given: Partial<IncidentView> = {}): Promise<IncidentView> {
  incidents += 1;
  const agentId = given.agentId ?? `agent-${incidents}`;
  const { incidentId } = await stores.incidents.open(openRequest({ agentId, id: `sig-${incidents}` }));
  await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
  return anIncident({
    status: "resolved",
    decidedBy: "default policy: critical -> auto-contain",
    ...given,
    agentId,
    id: incidentId,
  });
}
const late = { containedAt: seconds(15 + 61) };
const falseAlarm: Partial<IncidentView> = {
  ...{ status: "stood-down", containedAt: null },
  standDown: { by: "ada", reason: "planned bulk purchase", askedAt: seconds(60) },
};
const firedBy = (rule: string, given: Partial<Signal> = {}) => {
  const { why } = theLoop();
  return { signals: [theLoop({ ...given, why: { ...why, rule } })] };
};

/** As one process works, with a settings file and what is in force. */
async function process(yaml?: string) {
  const held = holdSettings(readSettings(yaml, {}));
  const ports = {
    ...{ tunings: stores.tunings, incidents: stores.incidents, log: silent, settings: held.live },
    fileThresholds: (agentId: string) => thresholdsFor(held.file, agentId),
  };
  const follow = async () => held.tune((await stores.tunings.inForce()).tunings);
  await follow();
  return { held, ports, follow, of: (agentId: string) => thresholdsFor(held.live, agentId) };
}
const approve = { by: "ada", reason: "seen it twice" };

describe("an incident whose containment missed its rule", () => {
  it("proposes to tighten the threshold of the rule that fired: 2.0 sigmas become 1.5", async () => {
    const { ports, of } = await process();
    const incident = await over({ ...late, ...firedBy("cost-anomaly") });
    const { answer, tuningId } = await learnFrom(ports, incident);
    expect(answer).toBe("proposed");
    expect(await stores.tunings.load(tuningId!)).toMatchObject({
      ...{ agentId: incident.agentId, incidentId: incident.id, path: "costAnomaly.sigmas", direction: "tighter" },
      ...{ from: 2, to: 1.5, fileValue: 2, state: "open", decidedBy: null },
      reason: expect.stringMatching(/^contained 61.0 s after its webhook came, 5.0 s are allowed/),
    });
    expect(of(incident.agentId).costAnomaly.sigmas, "nothing changes before a person said so").toBe(2);
    const timeline = (await stores.incidents.view(incident.id))!.timeline;
    expect(timeline.at(-1)).toMatchObject({ phase: "learn", what: "tuning-proposed", detail: { from: 2, to: 1.5 } });
  });

  it.each([
    ["P0", 5_000, "in-time"],
    ["P0", 5_001, "proposed"],
    ["P1", 60_000, "in-time"],
    ["P1", 60_001, "proposed"],
  ] as const)("%s contained after %d ms: %s", async (priority, afterMs, answer) => {
    const { ports } = await process();
    const incident = await over({
      priority,
      containedAt: seconds(15) + afterMs - (priority === "P0" && answer === "in-time" ? 1 : 0),
    });
    expect((await learnFrom(ports, incident)).answer).toBe(answer);
  });

  it("says it once, however often it is asked", async () => {
    const { ports } = await process();
    const incident = await over(late);
    const first = await learnFrom(ports, incident);
    expect(await learnFrom(ports, incident)).toEqual({ ...first, answer: "known" });
    const own = (await stores.tunings.list(100)).filter(({ agentId }) => agentId === incident.agentId);
    expect(own).toHaveLength(1);
  });
});

describe("a false alarm", () => {
  it("proposes to loosen it, with who called it one and why", async () => {
    const { ports } = await process();
    const { tuningId } = await learnFrom(ports, await over({ ...falseAlarm, ...firedBy("cost-anomaly") }));
    expect(await stores.tunings.load(tuningId!)).toMatchObject({
      ...{ direction: "looser", from: 2, to: 2.5 },
      reason: "a false alarm, stood down by ada: planned bulk purchase",
    });
  });
});

describe("nothing is proposed", () => {
  it.each([
    ["while the incident goes on", { status: "contained", ...late }, "not-over"],
    ["after a dry run", { ...late, dryRun: true }, "nothing-was-done"],
    ["where it was contained in time", {}, "in-time"],
    ["of a member of a cascade", { ...falseAlarm, decidedBy: "cascade: agents that ..." }, "not-by-its-threshold"],
    ["where a breaker was open", { ...falseAlarm, decidedBy: "breaker open: ..." }, "not-by-its-threshold"],
    ["where a person froze the fleet", { ...falseAlarm, decidedBy: "fleet sd-1 by ada: ..." }, "not-by-its-threshold"],
    [
      "of a rule that has no sensible number",
      { ...falseAlarm, ...firedBy("public-key-changed") },
      "no-sensible-number",
    ],
    ["where nothing is known of a signal", { ...falseAlarm, signals: [] }, "no-sensible-number"],
  ] as [string, Partial<IncidentView>, string][])("%s", async (_, given, answer) => {
    const { ports } = await process();
    expect(await learnFrom(ports, await over(given))).toEqual({ answer });
  });

  it("where settings say off", async () => {
    const { ports } = await process("learn: { tuning: off }");
    expect(await learnFrom(ports, await over(late))).toEqual({ answer: "off" });
  });

  it("beyond a bound, nor where the warning would meet what is critical", async () => {
    const incident = { agentId: "bound", ...firedBy("budget-threshold", { severity: "warning" }), ...falseAlarm };
    const close = await process("thresholds: { agents: { bound: { budgetWarningPct: 90, budgetExhaustionPct: 92 } } }");
    expect(await learnFrom(close.ports, await over(incident))).toEqual({ answer: "at-its-bound" });
    const least = await process("thresholds: { agents: { bound: { costAnomaly: { sigmas: 1 } } } }");
    expect(await learnFrom(least.ports, await over({ ...late, ...firedBy("cost-anomaly"), agentId: "bound" }))).toEqual(
      {
        answer: "at-its-bound",
      },
    );
  });
});

describe("a proposal", () => {
  it("is superseded by the next one of the same agent and threshold, and stands beside one of another", async () => {
    const { ports } = await process();
    const agentId = "twice";
    const first = await learnFrom(ports, await over({ ...late, agentId }));
    const other = await learnFrom(ports, await over({ ...late, agentId, ...firedBy("error-spike") }));
    const second = await learnFrom(ports, await over({ ...falseAlarm, agentId }));
    const states = await Promise.all(
      [first, other, second].map(async ({ tuningId }) => (await stores.tunings.load(tuningId!))?.state),
    );
    expect(states).toEqual(["superseded", "open", "open"]);
    await expect(orderTuning(ports, first.tuningId!, "approve", approve)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("it is superseded"),
    });
  });

  it("that is approved is in force for its agent alone, in every process, and after a restart", async () => {
    const [one, two] = await Promise.all([process(), process()]);
    const incident = await over({ ...late, agentId: "known", ...firedBy("cost-anomaly") });
    const { tuningId } = await learnFrom(one.ports, incident);
    await orderTuning(one.ports, tuningId!, "approve", approve);
    await Promise.all([one.follow(), two.follow()]);
    for (const here of [one, two, await process()]) {
      expect([here.of("known").costAnomaly.sigmas, here.of("stranger").costAnomaly.sigmas]).toEqual([1.5, 2]);
      expect(here.of("known").escrowBurst).toEqual(here.of("stranger").escrowBurst);
      expect(here.held.state.tuned).toContainEqual({
        ...{ path: "thresholds.agents.known.costAnomaly.sigmas", value: 1.5, fileValue: 2, tuning: tuningId },
      });
    }
    expect(await stores.tunings.load(tuningId!)).toMatchObject({
      state: "approved",
      decidedBy: "ada",
      decidedBecause: approve.reason,
    });
    const said = (await stores.incidents.view(incident.id))!.timeline.at(-1);
    expect(said).toMatchObject({ what: "tuning-approved", detail: { by: "ada", reason: approve.reason } });
    // The next one goes on from what is in force.
    const next = await learnFrom(one.ports, await over({ ...late, agentId: "known", ...firedBy("cost-anomaly") }));
    expect(await stores.tunings.load(next.tuningId!)).toMatchObject({ from: 1.5, to: 1, fileValue: 2 });
    await orderTuning(one.ports, next.tuningId!, "approve", approve);
    expect((await stores.tunings.load(tuningId!))?.state).toBe("superseded");
    await one.follow();
    expect(one.of("known").costAnomaly.sigmas).toBe(1);
    await orderTuning(one.ports, next.tuningId!, "withdraw", approve);
    await one.follow();
    expect(one.of("known").costAnomaly.sigmas).toBe(2);
  });

  it("that is rejected changes nothing, and cannot be approved any more", async () => {
    const here = await process();
    const { tuningId } = await learnFrom(here.ports, await over({ ...late, agentId: "rejected" }));
    await orderTuning(here.ports, tuningId!, "reject", approve);
    await expect(orderTuning(here.ports, tuningId!, "approve", approve)).rejects.toMatchObject({ code: "conflict" });
    await here.follow();
    expect(here.of("rejected").escrowBurst.identicalCount).toBe(8);
  });

  it("needs a name and a reason, and to be there", async () => {
    const { ports } = await process();
    await expect(orderTuning(ports, "tun-none", "approve", { by: " " })).rejects.toMatchObject({
      code: "input-invalid",
      detail: { mistakes: [{ field: "by" }, { field: "reason" }] },
    });
    await expect(orderTuning(ports, "tun-none", "approve", approve)).rejects.toMatchObject({ code: "not-found" });
  });

  it("is applied at once where settings say auto, and recorded as such", async () => {
    const here = await process("learn: { tuning: auto }");
    const incident = await over({ ...falseAlarm, agentId: "auto" });
    const { answer, tuningId } = await learnFrom(here.ports, incident);
    expect(answer).toBe("applied");
    expect(await stores.tunings.load(tuningId!)).toMatchObject({
      state: "approved",
      decidedBy: "settings: learn.tuning auto",
    });
    await here.follow();
    expect(here.of("auto").escrowBurst.identicalCount).toBe(10);
    expect((await learnFrom(here.ports, incident)).answer).toBe("known");
  });
});
