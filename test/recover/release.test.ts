import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BreachWorld, breach, breachWorld, loose, others, stopped } from "../contain/breach-world.ts";

let world: BreachWorld;
beforeEach(async () => {
  world = await breachWorld();
});
afterEach(() => world.close());

describe("the stand-down of a breach", () => {
  it("gives the agent back, and those beside it; credentials stay rotated", async () => {
    const id = await world.contained(breach);
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
    for (const agentId of ["agent-7", ...others]) expect(await world.reins(agentId)).toMatchObject(loose);
    expect((await world.reins()).rotations).toHaveLength(1);
    expect((await world.agent()).caps).toMatchObject({ daily: "500.00", monthly: "15000.00" });
  });

  it("gives back what was there before, not more", async () => {
    await world.set("agent-7", "tools", { mode: "read-only" });
    await world.set("agent-8", "tools", { mode: "none" });
    await world.set("agent-7", "execution", { paused: true });
    const id = await world.contained(breach);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "none" });
    await world.calledOff(id);
    expect(await world.reins()).toMatchObject({ tools: "read-only", isolated: false, paused: true });
    expect(await world.reins("agent-8")).toMatchObject({ tools: "none" });
  });

  it("leaves a similar agent restricted that another incident asked for too, until that is over as well", async () => {
    const first = await world.contained(breach);
    const second = await world.contained({ ...breach, agentId: "agent-10" });
    expect(await world.reins("agent-8")).toMatchObject({ tools: "read-only" });
    await world.calledOff(first);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "read-only" });
    expect(await world.reins("agent-9")).toMatchObject({ tools: "all" });
    await world.calledOff(second);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "all" });
  });

  it("of one does not set an agent loose that was breached itself meanwhile", async () => {
    const first = await world.contained(breach);
    const own = await world.contained({ ...breach, agentId: "agent-8" });
    expect(await world.reins("agent-8")).toMatchObject(stopped);
    await world.calledOff(first);
    expect(await world.reins("agent-8")).toMatchObject(stopped);
    await world.calledOff(own);
    expect(await world.reins("agent-8")).toMatchObject(loose);
  });

  it("gives the money back although the platform does not answer, and the agent when it does", async () => {
    const id = await world.contained(breach);
    await world.admin.fault({ match: { tool: "control_execution" }, kind: "500-before", times: 1 });
    await expect(world.calledOff(id)).rejects.toThrow("still held back");
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
    expect(await world.reins()).toMatchObject(loose);
  });

  it("stops a worker that is late: it can ask nothing more of the agent", async () => {
    const id = await world.contained(breach);
    await world.calledOff(id);
    const mark = { incidentId: id, what: "paused", why: "late", at: 0 };
    expect(await world.services.marks.leave("agent", "agent-7", mark)).toBe(false);
    expect(await world.services.marks.on("agent", "agent-7")).toEqual([]);
  });
});
