import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { keys } from "../../src/redis/keys.ts";
import { breach, errors, loose } from "../contain/breach-world.ts";
import { HOUR_MS, type RecoveringWorld, recoveringWorld, said } from "./recovering-world.ts";

let world: RecoveringWorld;
beforeEach(async () => {
  world = await recoveringWorld();
});
afterEach(() => world.close());

const statusOf = async (id: string) => (await world.view(id)).status;

describe("an agent that is recovered", () => {
  it("gets half of its caps at once, 75 % after 6 h, all after 24 h, and is over it after 48 h", async () => {
    const id = await world.recovering();
    expect(await statusOf(id)).toBe("recovering");
    expect(await world.caps()).toEqual(["250.00", "7500.00"]);
    await world.pass(id, 6 * HOUR_MS);
    expect(await world.recover(id)).toBe("rung-taken");
    expect(await world.caps()).toEqual(["375.00", "11250.00"]);
    await world.pass(id, 18 * HOUR_MS);
    expect(await world.recover(id)).toBe("rung-taken");
    expect(await world.caps()).toEqual(["500.00", "15000.00"]);
    await world.pass(id, 24 * HOUR_MS);
    expect(await world.recover(id)).toBe("resolved");
    expect(await world.view(id)).toMatchObject({ status: "resolved", supersededBy: null });
    expect(await world.services.caps.snapshot("agent-7", id)).toBeNull();
  });

  it("is looked at until then, and nothing is taken a moment early", async () => {
    const id = await world.recovering();
    await world.pass(id, 6 * HOUR_MS - 30_000);
    expect(await world.recover(id)).toBe("standing");
    expect(await world.caps()).toEqual(["250.00", "7500.00"]);
    await world.pass(id, 30_000);
    expect(await world.recover(id)).toBe("rung-taken");
    await world.pass(id, 42 * HOUR_MS - 30_000);
    await world.recover(id);
    await world.pass(id, 24 * HOUR_MS - 30_000);
    expect(await world.recover(id)).toBe("standing");
    expect([...(await world.services.agentWatch.recovering()).keys()]).toEqual(["agent-7"]);
  });

  it("is held until its identity was looked at, and each gate is recorded with what was found", async () => {
    const id = await world.contained();
    expect(await world.ask(id)).toBe("asked");
    expect(await world.contain(id)).toEqual({ answer: "held" });
    expect(await world.jobs("recovery")).toEqual([`recover-${id}`]);
    expect(await world.caps()).toEqual(["0.00", "0.00"]);
    await world.recover(id);
    const { gates } = await world.recoveryOf(id);
    expect(gates["root-cause"]?.found).toEqual(said);
    expect(gates["identity-and-reputation"]?.found).toMatchObject({
      identity: { verdict: "unknown" },
      reputation: { score: "unknown" },
    });
    expect(gates["conservative-budget"]?.found).toMatchObject({
      caps: { percent: 50, dailyCap: "250.00", monthlyCap: "7500.00" },
      escrows: { heldFromBefore: 0 },
      account: { spentWhileContained: 0 },
    });
    expect(await world.told(id)).toEqual(["recovery-asked", "recovery-begun", "rung-taken"]);
  });

  it("is told of: who asked, each rung, and that it is over; and its post-mortem is asked for", async () => {
    const id = await world.recovering();
    await world.pass(id, 6 * HOUR_MS);
    await world.recover(id);
    await world.pass(id, 42 * HOUR_MS);
    await world.recover(id);
    await world.pass(id, 42 * HOUR_MS);
    await world.recover(id);
    const told = (await world.jobs("notification")).join(" ");
    for (const page of [`${id}-recovery-asked`, `${id}-rung-0-0`, `${id}-rung-1-0`, `${id}-rung-2-0`, `${id}-over`])
      expect(told).toContain(`page-${page}`);
    expect(told).toContain(`publish-${id}-incident-resolved`);
    expect(await world.jobs("forensics")).toContain(`post-mortem-${id}`);
    expect(await world.recover(id)).toBe("over");
  });

  it("gets what held it back as the first rung stands; credentials stay rotated", async () => {
    const id = await world.contained(breach);
    await world.ask(id);
    expect(await world.reins()).not.toMatchObject(loose);
    await world.recover(id);
    for (const agentId of ["agent-7", "agent-8", "agent-9"]) expect(await world.reins(agentId)).toMatchObject(loose);
    expect((await world.reins()).rotations).toHaveLength(1);
  });

  it("goes on climbing although the platform that runs it does not answer, and is set loose when it does", async () => {
    const id = await world.contained(breach);
    await world.ask(id);
    await world.admin.fault({ match: { tool: "control_execution" }, kind: "500-before", times: 1 });
    await expect(world.recover(id)).rejects.toThrow("still held back");
    expect(await world.caps()).toEqual(["250.00", "7500.00"]);
    expect(await world.recover(id)).toBe("standing");
    expect(await world.reins()).toMatchObject(loose);
  });

  it("whose budget was left alone is only watched until it is over", async () => {
    const id = await world.recovering(errors);
    expect(await world.caps()).toEqual(["500.00", "15000.00"]);
    expect(await world.recoveryOf(id)).toMatchObject({ raisesCaps: false, rung: 0, dueAt: null });
    expect(await world.reins()).toMatchObject(loose);
    await world.pass(id, 48 * HOUR_MS);
    expect(await world.recover(id)).toBe("resolved");
    expect(await world.caps()).toEqual(["500.00", "15000.00"]);
  });

  it("that was only halved gets the day's cap back, from where it is, and its month was never touched", async () => {
    const id = await world.recovering({ kind: "reputation-drift", severity: "warning", suspectPayee: null });
    expect((await world.view(id)).runbooks).toEqual(["service-degradation"]);
    expect(await world.caps()).toEqual(["250.00", "15000.00"]);
    await world.pass(id, 6 * HOUR_MS);
    await world.recover(id);
    expect(await world.caps()).toEqual(["375.00", "15000.00"]);
  });

  it("gets a wallet back that the hold froze", async () => {
    const id = await world.contained();
    for (let lifted = 0; lifted < 3; lifted += 1) {
      await world.admin.setCaps("agent-7", "900.00", null);
      await world.contain(id);
    }
    expect((await world.agent()).isFrozen).toBe(true);
    await world.ask(id);
    await world.recover(id);
    expect((await world.agent()).isFrozen).toBe(false);
  });
});

describe("a recovery that a person calls a false alarm after all", () => {
  it("is stood down at any rung: the caps from before, exactly", async () => {
    const id = await world.recovering();
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
    expect(await world.caps()).toEqual(["500.00", "15000.00"]);
    expect(await statusOf(id)).toBe("stood-down");
    expect(await world.jobs("forensics")).toContain(`post-mortem-${id}`);
    expect(await world.jobs("notification")).toContain(`page-${id}-over`);
    expect(await world.recover(id)).toBe("over");
  });

  it("is stood down before its gates too, and takes no rung after that", async () => {
    const id = await world.contained();
    await world.ask(id);
    await world.services.incidents.beginStandDown(id, "mira", "planned");
    expect(await world.recover(id)).toBe("not-asked");
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
  });
});

describe("new trouble before the first rung", () => {
  it("takes over what holds the agent back: it stays so, until that is over too", async () => {
    const id = await world.contained(breach);
    await world.ask(id);
    const tried = world.recover(id, { gateway: { ...world.ports.gateway, setBudget: unclear } });
    await expect(tried).rejects.toThrow("are not set");
    const next = await world.contained();
    // The lease of the first try is over, and what it sent can land no more.
    for (const key of await world.services.redis.keys("*action:raise:*"))
      await world.services.redis.hset(key, "exp", 0);
    expect(await world.recover(id)).toBe("superseded");
    for (const agentId of ["agent-7", "agent-8"]) expect(await world.reins(agentId)).not.toMatchObject(loose);
    expect(await world.services.marks.leftBy(id, "agent")).toEqual([]);
    expect(await world.caps()).toEqual(["0.00", "0.00"]);
    await world.services.redis.del(keys.lowering(0, "agent-7"));
    expect(await world.calledOff(next)).toEqual({ answer: "restored" });
    for (const agentId of ["agent-7", "agent-8"]) expect(await world.reins(agentId)).toMatchObject(loose);
  });
});

const unclear: Gateway["setBudget"] = async () => ({
  outcome: "unknown",
  error: new TourniquetError("gateway-timeout", "no answer"),
});

describe("the containment worker that comes to a recovering incident", () => {
  it("hands it on, one look at a time, and holds nothing", async () => {
    const id = await world.recovering();
    expect(await world.contain(id)).toEqual({ answer: "recovering" });
    expect(await world.contain(id)).toEqual({ answer: "recovering" });
    expect(await world.jobs("recovery")).toEqual([`recover-${id}`]);
    expect(await world.caps()).toEqual(["250.00", "7500.00"]);
    const mark = { incidentId: id, what: "paused", why: "late", at: 0 };
    expect(await world.services.marks.leave("agent", "agent-7", mark)).toBe(false);
  });
});
