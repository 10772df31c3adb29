import { afterEach, describe, expect, it } from "vitest";
import { approve, decline } from "../../src/contain/approvals.ts";
import { answerFullShutdown, shutDown } from "../../src/contain/fleet.ts";
import { fleetStatus } from "../../src/contain/fleet-status.ts";
import { resumeFleet } from "../../src/recover/resume-fleet.ts";
import { until } from "../support/until.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

let world: World;
afterEach(() => world.close());

const agentIds = ["a", "b", "c", "d"];
const mira = { by: "mira", reason: "the wallet is being drained" };
const byPerson = { isAutomatic: false };
const fleetOf = (more = "") => `
policy: [{ signal: budget-exhaustion, tier: full-shutdown }]
fleet: { agents: [${agentIds.map((id) => `{ id: ${id} }`).join()}]${more} }`;

const open = async (settings = fleetOf(), options: WorldOptions = {}) => {
  world = await createWorld({ settings, ...options });
  for (const agentId of agentIds) await world.admin.placeAgent(agentId);
};
const exhausted = (agentId: string) =>
  world.deliver({ event_type: "budget_threshold", agent_id: agentId, payload: { utilization_pct: 99 } });
const caps = async () =>
  Object.fromEntries((await world.admin.state()).agents.map(({ agentId, caps }) => [agentId, caps.daily]));
const untilCaps = (expected: Record<string, string>) =>
  until(
    async () => {
      const now = await caps();
      return Object.entries(expected).every(([agentId, daily]) => now[agentId] === daily) && now;
    },
    `caps of ${JSON.stringify(expected)}`,
  );
const incidentsOf = async (agentId: string) =>
  (await world.services.incidents.list(100)).filter((incident) => incident.agentId === agentId);
const untilStatusOf = (agentId: string, status: string) =>
  until(async () => (await incidentsOf(agentId)).find((one) => one.status === status), `${agentId} to be ${status}`);
const frozen = "0.00";
const free = "500.00";

describe("when policy answers a signal with full-shutdown", () => {
  it("its own agent is contained, and the rest of the fleet waits for a person's word", async () => {
    await open();
    await exhausted("a");
    const [asked] = await until(async () => {
      const waiting = await world.services.fleet.approvals();
      return waiting.length > 0 && waiting;
    }, "the shutdown to be asked for");
    expect(asked).toMatchObject({
      kind: "shutdown",
      what: expect.stringMatching(/^Freeze the whole fleet\? .*line 2.* on a/),
    });
    await untilStatusOf("a", "contained");
    expect(await caps()).toMatchObject({ a: frozen, b: free, c: free, d: free });
    expect((await approve(world.services, mira, "shutdown")).agents.sort()).toEqual(agentIds);
    await untilCaps({ a: frozen, b: frozen, c: frozen, d: frozen });
    expect(await world.services.fleet.approvals()).toEqual([]);
    expect((await untilStatusOf("b", "contained")).decidedBy).toBe(
      "fleet shutdown-1 by mira: the wallet is being drained",
    );
  });

  it("the rest is frozen at once where the settings say auto", async () => {
    await open(fleetOf(", shutdown: auto"));
    await exhausted("a");
    await untilCaps({ a: frozen, b: frozen, c: frozen, d: frozen });
    expect((await incidentsOf("c"))[0]?.decidedBy).toMatch(/^fleet shutdown-1 by policy: .*budget-exhaustion/);
  });

  it("auto freezes no more than the cap allows in an hour; the rest waits, and comes when somebody says yes", async () => {
    await open(fleetOf(", shutdown: auto, automaticFreezes: { share: 0.5, atLeast: 0 }"));
    await exhausted("a");
    const waiting = await until(async () => {
      const [asked] = await world.services.fleet.approvals();
      return asked?.verdicts.map(({ signal }) => signal.agentId).sort();
    }, "freezes to wait");
    // Two of four: one place is a's own, whether it was counted before or by the shutdown.
    expect([waiting.length, Object.values(await untilStatusOf("b", "contained").then(caps))].flat()).toEqual([
      2,
      frozen,
      frozen,
      free,
      free,
    ]);
    expect(waiting).toEqual(["c", "d"]);
    expect(await approve(world.services, mira)).toEqual({
      ...{ agents: expect.arrayContaining(["c", "d"]), notReached: [] },
    });
    await untilCaps({ c: frozen, d: frozen });
    expect((await incidentsOf("d"))[0]?.decidedBy).toMatch(/approved by mira: the wallet is being drained$/);
    expect(await world.services.fleet.approvals()).toEqual([]);
    await expect(approve(world.services, mira)).rejects.toMatchObject({ code: "not-found" });
  });

  it("nothing but its own agent is frozen where the settings say off", async () => {
    await open(fleetOf(", shutdown: off"), { workers: [] });
    const { eventId } = await exhausted("a");
    const signal = { agentId: "a", signalId: "sig-a" };
    const stored = await world.services.inbox.load(eventId);
    await world.services.verdicts.keep({
      ...stored!.verdicts[0]!,
      signal: { ...stored!.verdicts[0]!.signal, id: "sig-a" },
    });
    expect(await answerFullShutdown(world.services, signal)).toEqual({ answer: "off" });
    expect(await world.services.fleet.shutdown()).toBeNull();
  });

  it("nothing is asked and nobody is frozen while the product only observes", async () => {
    await open(`mode: observe${fleetOf(", shutdown: auto")}`);
    await exhausted("a");
    await untilStatusOf("a", "observed");
    const queue = world.services.queues.of("freeze", 0);
    expect((await queue.getJobs()).map(({ id }) => id).filter((id) => id?.startsWith("shutdown-"))).toEqual([]);
    expect([await world.services.fleet.shutdown(), await world.services.fleet.approvals()]).toEqual([null, []]);
    expect(await caps()).toMatchObject({ a: free, b: free });
  });

  it("nothing is asked for a second time while a shutdown is in force, or after the incident is over", async () => {
    await open(fleetOf(), { workers: ["containment"] });
    await exhausted("a");
    const { id } = await untilStatusOf("a", "contained");
    const cause = { agentId: "a", signalId: (await world.services.incidents.signals(id))[0]!.id };
    await decline(world.services, mira);
    await shutDown(world.services, mira, byPerson);
    expect(await answerFullShutdown(world.services, cause)).toEqual({ answer: "in-force" });
    await world.services.incidents.beginStandDown(id, "mira", "false alarm");
    expect(await answerFullShutdown(world.services, cause)).toEqual({ answer: "over" });
    expect(await answerFullShutdown(world.services, { ...cause, signalId: "sig-0" })).toEqual({ answer: "no-verdict" });
    expect(await world.services.fleet.approvals()).toEqual([]);
  });
});

describe("a shutdown that a person orders", () => {
  it("freezes spending only: escrows stay, and agents that only an incident names are frozen too", async () => {
    await open();
    await world.admin.placeAgent("stranger");
    await world.admin.holdEscrows("b", "shop", "20.00", 2);
    await world.deliver({ event_type: "reputation_change", agent_id: "stranger", payload: { score_delta: -0.5 } });
    await until(async () => (await incidentsOf("stranger"))[0], "the stranger's incident");
    await shutDown(world.services, mira, byPerson);
    await untilCaps({ b: frozen, stranger: frozen });
    expect(await untilStatusOf("b", "contained")).toMatchObject({ priority: "P0", runbook: "fleet-shutdown" });
    expect((await world.admin.state()).agents.find(({ agentId }) => agentId === "b")?.escrows).toMatchObject({
      held: 2,
    });
  });

  it("ordered twice is one, and no cap holds it back", async () => {
    await open(fleetOf(", automaticFreezes: { share: 0, atLeast: 0 }"));
    await Promise.all([shutDown(world.services, mira, byPerson), shutDown(world.services, mira, byPerson)]);
    await untilCaps({ a: frozen, b: frozen, c: frozen, d: frozen });
    expect((await incidentsOf("a")).length).toBe(1);
    expect(await fleetStatus(world.services)).toMatchObject({
      agents: agentIds.map((agentId) => ({ agentId, incident: { runbook: "fleet-shutdown" } })),
      shutdown: { id: "shutdown-1", by: "mira", agents: 4 },
      automaticFreezes: { lastHour: 0, limit: 0 },
    });
  });
});

describe("when the fleet is resumed", () => {
  it("what the shutdown alone froze is released, and who has trouble of its own stays frozen", async () => {
    await open(fleetOf(", shutdown: off"));
    await exhausted("a");
    expect((await untilStatusOf("a", "contained")).decidedBy).toContain("fleet.shutdown is off: this agent alone");
    await shutDown(world.services, mira, byPerson);
    for (const agentId of agentIds) await untilStatusOf(agentId, "contained");
    await exhausted("d");
    // It may be in a cascade with `a` already, which is one more signal: what counts is that its own is there.
    const isOwn = ({ kind }: { kind: string }) => kind === "budget-exhaustion";
    await until(async () => (await incidentsOf("d"))[0]!.signals.some(isOwn), "d's own trouble");
    const resumed = await resumeFleet(world.services, { by: "mira", reason: "safe again" });
    expect([resumed.released.sort(), resumed.untouched]).toEqual([["b", "c"], []]);
    expect(resumed.left.map(({ agentId, why }) => `${agentId} ${why}`).sort()).toEqual([
      expect.stringMatching(/^a inc-\S+ has trouble of its own: budget-exhaustion$/),
      expect.stringMatching(/^d inc-\S+ has trouble of its own: budget-exhaustion/),
    ]);
    await untilCaps({ a: frozen, b: free, c: free, d: frozen });
    await untilStatusOf("b", "stood-down");
    expect((await incidentsOf("a"))[0]?.standDown).toBeNull();
    await expect(resumeFleet(world.services, mira)).rejects.toMatchObject({ code: "conflict" });
  });

  it("says released of what was frozen, and not of what was declined", async () => {
    await open(fleetOf(", automaticFreezes: { share: 0.5, atLeast: 0 }"));
    await shutDown(world.services, { by: "policy", reason: "test" }, { isAutomatic: true });
    await decline(world.services, mira);
    for (const agentId of ["a", "b"]) await untilStatusOf(agentId, "contained");
    const resumed = await resumeFleet(world.services, mira);
    expect([resumed.released.sort(), resumed.untouched.sort()]).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    await untilCaps({ a: free, b: free, c: free, d: free });
  });

  it("a freeze that is still in a queue finds nothing to do, and what waited for a word is dropped", async () => {
    await open(fleetOf(", automaticFreezes: { share: 0.5, atLeast: 0 }"), { workers: [] });
    await shutDown(world.services, { by: "policy", reason: "test" }, { isAutomatic: true });
    expect((await world.services.fleet.approvals()).length).toBe(1);
    const waiting = await world.services.queues.of("freeze", 0).getJobs(["waiting"]);
    expect(waiting.length).toBe(2);
    const { released, untouched } = await resumeFleet(world.services, mira);
    expect([released, untouched.sort()]).toEqual([[], agentIds]);
    const { containPorts } = await import("../../src/work.ts");
    const { freeze } = await import("../../src/contain/freeze.ts");
    for (const { data } of waiting)
      expect(await freeze(containPorts(world.services), data, new AbortController().signal)).toMatchObject({
        answer: "answered",
      });
    expect(await world.services.incidents.list(5)).toEqual([]);
    expect(await world.services.fleet.approvals()).toEqual([]);
  });
});

describe("when a person says no", () => {
  it("what waits is dropped, and nobody is frozen", async () => {
    await open(fleetOf(", automaticFreezes: { share: 0.5, atLeast: 0 }"), { workers: [] });
    await shutDown(world.services, { by: "policy", reason: "test" }, { isAutomatic: true });
    expect(await decline(world.services, mira)).toEqual({ declined: ["freezes-shutdown-1"] });
    expect(await world.services.fleet.approvals()).toEqual([]);
    expect((await world.services.queues.of("freeze", 0).getJobs(["waiting"])).length).toBe(2);
    await expect(decline(world.services, mira, "shutdown")).rejects.toMatchObject({ code: "not-found" });
  });
});
