import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { AgentControl } from "../../src/incident/agent-control.ts";
import { type BreachWorld, breach, breachWorld, errors, fleet, loose, others, stopped } from "./breach-world.ts";

let world: BreachWorld;
const start = async (options = {}) => {
  world = await breachWorld(options);
};
beforeEach(() => start());
afterEach(() => world.close());

describe("when an agent was breached", () => {
  it("is frozen and stopped, its credentials are rotated once, and its escrows are left alone", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "150.00", 2);
    const id = await world.contained(breach);
    expect(await world.view(id)).toMatchObject({ status: "contained", priority: "P0" });
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00", monthly: "0.00" }, escrows: { held: 2 } });
    expect(await world.reins()).toMatchObject(stopped);
    expect((await world.reins()).rotations).toEqual([`rotate:${id}`]);
  });

  it("restricts those that share the tool or the prompt, and says why; nobody else, and nobody is frozen", async () => {
    const id = await world.contained(breach);
    expect(await world.reins("agent-8")).toMatchObject({ ...loose, tools: "read-only" });
    expect(await world.reins("agent-9")).toMatchObject({ ...loose, tools: "read-only" });
    expect(await world.reins("agent-10")).toMatchObject(loose);
    const step = (await world.view(id)).steps.find(({ step: name }) => name === "restrict-similar");
    expect(step?.result?.restricted).toEqual([
      { agentId: "agent-8", why: "shares the tool http_request with agent-7" },
      { agentId: "agent-9", why: "shares the prompt buyer with agent-7" },
    ]);
    const { agents } = await world.admin.state();
    for (const other of others) expect(agents.find(({ agentId }) => agentId === other)?.caps.daily).toBe("500.00");
  });

  it("is not called contained while its platform shows it running, whatever that answered", async () => {
    const real = world.ports.agentControl!;
    const lying: AgentControl = { ...real, setPaused: async (_id, paused) => ({ outcome: "done", value: { paused } }) };
    const { incidentId } = await world.freeze(await world.handOver(breach));
    await expect(world.contain(incidentId!, { agentControl: lying })).rejects.toMatchObject({
      message: expect.stringContaining("it is not paused"),
    });
    expect((await world.view(incidentId!)).status).toBe("containing");
    // The money does not wait for the agent.
    expect((await world.agent()).caps.daily).toBe("0.00");
    await world.contain(incidentId!).catch((error) => error);
    await world.contain(incidentId!);
    expect(await world.view(incidentId!)).toMatchObject({ status: "contained" });
  });

  it("is stopped all the same where its platform answers no question first", async () => {
    const real = world.ports.agentControl!;
    let isDown = true;
    const readState: AgentControl["readState"] = async (...call) => {
      if (isDown) throw new Error("no answer");
      return real.readState(...call);
    };
    const { incidentId } = await world.freeze(await world.handOver(breach));
    await expect(world.contain(incidentId!, { agentControl: { ...real, readState } })).rejects.toThrow("no answer");
    expect(await world.reins()).toMatchObject(stopped);
    isDown = false;
    await world.contain(incidentId!, { agentControl: { ...real, readState } });
    expect((await world.view(incidentId!)).status).toBe("contained");
  });
});

describe("when somebody sets a stopped agent loose", () => {
  it("is stopped again, that counts as a breach, and its wallet is not frozen for it", async () => {
    const id = await world.contained(breach);
    for (let times = 1; times <= 3; times += 1) {
      await world.set("agent-7", "execution", { paused: false });
      await world.set("agent-7", "tools", { mode: "read-only" });
      await world.contain(id);
      expect(await world.reins()).toMatchObject(stopped);
    }
    const { reassertions, timeline } = await world.view(id);
    expect(reassertions).toBe(3);
    expect(timeline.find(({ what }) => what === "hold-breached")?.detail).toMatchObject({
      capsLifted: false,
      loosened: ["tools", "paused"],
    });
    expect((await world.agent()).isFrozen).toBe(false);
  });

  it("leaves alone what a person has made stricter than we asked", async () => {
    const id = await world.contained(errors);
    await world.set("agent-7", "tools", { mode: "none" });
    await world.services.redis.hdel(`{tq:0}:incident:${id}:receipts`, "restrict-to-read-only");
    await world.contain(id);
    expect(await world.reins()).toMatchObject({ tools: "none" });
    expect((await world.view(id)).reassertions).toBe(0);
  });

  it("keeps what is restricted beside it restricted too, without alarm", async () => {
    const id = await world.contained(breach);
    await world.set("agent-8", "tools", { mode: "all" });
    await world.contain(id);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "read-only" });
    expect((await world.view(id)).reassertions).toBe(0);
  });
});

describe("an error spike", () => {
  it("restricts the agent to reading, leaves its money alone, and is in effect", async () => {
    const id = await world.contained(errors);
    const { status, runbooks, requestedAt, effectiveAt } = await world.view(id);
    expect({ status, runbooks }).toEqual({ status: "contained", runbooks: ["agent-restriction"] });
    expect(effectiveAt).toBeGreaterThanOrEqual(requestedAt!);
    expect(await world.reins()).toMatchObject({ ...loose, tools: "read-only" });
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect((await world.jobs("notification")).join(" ")).not.toContain("budget-frozen");
    expect(await world.calledOff(id)).toEqual({ answer: "caps-untouched" });
    expect(await world.reins()).toMatchObject(loose);
  });

  it("that turns out to be a breach is one: everything is taken, in the same incident", async () => {
    const id = await world.contained(errors);
    await world.freeze(await world.handOver(breach));
    await world.contain(id);
    expect(await world.view(id)).toMatchObject({ status: "contained", priority: "P0", runbook: "agent-breach" });
    expect(await world.reins()).toMatchObject(stopped);
    expect((await world.agent()).caps.daily).toBe("0.00");
    await world.calledOff(id);
    expect(await world.reins()).toMatchObject(loose);
    expect((await world.agent()).caps.daily).toBe("500.00");
  });

  it("is how a breach is answered that is only a warning", async () => {
    const id = await world.contained({ ...breach, severity: "warning" });
    expect(await world.view(id)).toMatchObject({ runbooks: ["agent-restriction"], priority: "P2" });
    expect(await world.reins()).toMatchObject({ ...loose, tools: "read-only" });
  });
});

describe("where nothing runs the agents that could be asked", () => {
  beforeEach(async () => {
    await world.close();
    await start({ agentControl: false });
  });

  it("a breach is contained as far as money goes, and a person is told what to do by hand", async () => {
    const id = await world.contained(breach);
    expect(await world.view(id)).toMatchObject({ status: "contained" });
    expect((await world.agent()).caps.daily).toBe("0.00");
    const { result } = (await world.view(id)).steps.find(({ step }) => step === "pause-agent")!;
    expect(result).toEqual({ byHand: "no agent control is configured: pause it by hand" });
  });

  it("a restriction ends at once, is not said to be in effect, and can be stood down", async () => {
    const id = await world.contained(errors);
    expect(await world.view(id)).toMatchObject({ status: "contained", effectiveAt: null });
    expect(await world.calledOff(id)).toEqual({ answer: "caps-untouched" });
  });

  it("the same goes for an agent that the platform does not run", async () => {
    await world.close();
    await start();
    const real = world.ports.agentControl!;
    const stranger = { outcome: "not-done", error: new TourniquetError("not-found", "404") } as const;
    const control: AgentControl = {
      ...real,
      readState: async () => Promise.reject(new TourniquetError("not-found", "404")),
      rotateCredentials: async () => stranger,
    };
    const { incidentId } = await world.freeze(await world.handOver(breach));
    expect(await world.contain(incidentId!, { agentControl: control })).toEqual({ answer: "contained" });
    expect(await world.reins()).toMatchObject(loose);
    expect(await world.services.marks.leftBy(incidentId!, "agent")).toEqual([]);
  });
});

describe("in observe-only mode", () => {
  it("nothing is asked of an agent, whoever tries; what a person ordered goes through", async () => {
    await world.close();
    await start({ settings: `${fleet}\nmode: observe\n` });
    expect(await world.services.agentControl!.setPaused("agent-7", true)).toMatchObject({
      outcome: "not-done",
      error: { code: "conflict" },
    });
    expect(await world.reins()).toMatchObject(loose);
    expect(await world.services.ordered.agentControl!.setPaused("agent-7", true)).toMatchObject({ outcome: "done" });
    expect(await world.reins()).toMatchObject({ paused: true });
  });
});

describe("a dry run", () => {
  it("asks nothing of anybody, and says whom it would have restricted", async () => {
    await world.close();
    await start({ settings: `${fleet}\nmode: observe\n` });
    const { incidentId } = await world.freeze(await world.handOver(breach));
    expect(await world.contain(incidentId!)).toEqual({ answer: "observed" });
    for (const agentId of ["agent-7", ...others]) expect(await world.reins(agentId)).toMatchObject(loose);
    const step = (await world.view(incidentId!)).steps.find(({ step: name }) => name.endsWith("restrict-similar"));
    expect(step?.result).toMatchObject({
      would: "restrict-similar",
      restricted: [{ agentId: "agent-8" }, { agentId: "agent-9" }],
    });
  });
});
