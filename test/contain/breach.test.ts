import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentControl } from "../../src/incident/agent-control.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

/** agent-8 shares the tool at fault, agent-9 the prompt, agent-10 nothing. */
const settings = `
fleet:
  agents:
    - { id: agent-7, prompt: buyer, tools: [http_request] }
    - { id: agent-8, tools: [http_request] }
    - { id: agent-9, prompt: buyer }
    - { id: agent-10, prompt: seller, tools: [search] }
`;
const others = ["agent-8", "agent-9", "agent-10"];
let world: QuietWorld;
const start = async (options = {}) => {
  world = await quietWorld({ settings, ...options });
  for (const id of others) await world.admin.placeAgent(id);
};
beforeEach(() => start());
afterEach(() => world.close());

const why = {
  rule: "exfiltration",
  ruleVersion: 1,
  sentence: "http_request sent 48,000 bytes",
  thresholds: {},
  observed: { tool: "http_request" },
  baseline: null,
  events: [],
};
const breach = { kind: "data-exfiltration", suspectPayee: null, why } as const;
const errors = { kind: "error-spike", severity: "warning", suspectPayee: null } as const;
const view = async (id: string) => (await world.services.incidents.view(id))!;
const reins = async (id = "agent-7") =>
  (await world.admin.state()).agents.find(({ agentId }) => agentId === id)!.control;
const stopped = { tools: "none", isolated: true, paused: true };
const loose = { tools: "all", isolated: false, paused: false };
const set = (agentId: string, rest: string, body: unknown) =>
  fetch(`${world.sandbox.url}/_control/agents/${agentId}/${rest}`, {
    method: "PUT",
    headers: { authorization: "Bearer sandbox-control-a-person", "content-type": "application/json" },
    body: JSON.stringify(body),
  }).then((answer) => expect(answer.status).toBe(200));
async function calledOff(id: string) {
  await world.services.incidents.beginStandDown(id, "ada", "planned");
  return standDown(world.ports, { incidentId: id }, new AbortController().signal);
}

describe("when an agent was breached", () => {
  it("is frozen and stopped, its credentials are rotated once, and its escrows are left alone", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "150.00", 2);
    const id = await world.contained(breach);
    expect(await view(id)).toMatchObject({ status: "contained", priority: "P0" });
    expect(await world.agent()).toMatchObject({ caps: { daily: "0.00", monthly: "0.00" }, escrows: { held: 2 } });
    expect(await reins()).toMatchObject(stopped);
    expect((await reins()).rotations).toEqual([`rotate:${id}`]);
  });

  it("restricts those that share the tool or the prompt, and says why; nobody else, and nobody is frozen", async () => {
    const id = await world.contained(breach);
    expect(await reins("agent-8")).toMatchObject({ ...loose, tools: "read-only" });
    expect(await reins("agent-9")).toMatchObject({ ...loose, tools: "read-only" });
    expect(await reins("agent-10")).toMatchObject(loose);
    const step = (await view(id)).steps.find(({ step: name }) => name === "restrict-similar");
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
    expect((await view(incidentId!)).status).toBe("containing");
    // The money does not wait for the agent.
    expect((await world.agent()).caps.daily).toBe("0.00");
    await world.contain(incidentId!).catch((error) => error);
    await world.contain(incidentId!);
    expect(await view(incidentId!)).toMatchObject({ status: "contained" });
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
    expect(await reins()).toMatchObject(stopped);
    isDown = false;
    await world.contain(incidentId!, { agentControl: { ...real, readState } });
    expect((await view(incidentId!)).status).toBe("contained");
  });
});

describe("when somebody sets a stopped agent loose", () => {
  it("is stopped again, that counts as a breach, and its wallet is not frozen for it", async () => {
    const id = await world.contained(breach);
    for (let times = 1; times <= 3; times += 1) {
      await set("agent-7", "execution", { paused: false });
      await set("agent-7", "tools", { mode: "read-only" });
      await world.contain(id);
      expect(await reins()).toMatchObject(stopped);
    }
    const { reassertions, timeline } = await view(id);
    expect(reassertions).toBe(3);
    expect(timeline.find(({ what }) => what === "hold-breached")?.detail).toMatchObject({
      capsLifted: false,
      loosened: ["tools", "paused"],
    });
    expect((await world.agent()).isFrozen).toBe(false);
  });

  it("keeps what is restricted beside it restricted too, without alarm", async () => {
    const id = await world.contained(breach);
    await set("agent-8", "tools", { mode: "all" });
    await world.contain(id);
    expect(await reins("agent-8")).toMatchObject({ tools: "read-only" });
    expect((await view(id)).reassertions).toBe(0);
  });
});

describe("a stand-down", () => {
  it("gives the agent back, and those beside it; credentials stay rotated", async () => {
    const id = await world.contained(breach);
    expect(await calledOff(id)).toEqual({ answer: "restored" });
    for (const agentId of ["agent-7", ...others]) expect(await reins(agentId)).toMatchObject(loose);
    expect((await reins()).rotations).toHaveLength(1);
    expect((await world.agent()).caps).toMatchObject({ daily: "500.00", monthly: "15000.00" });
  });

  it("gives back what was there before, not more", async () => {
    await set("agent-7", "tools", { mode: "read-only" });
    await set("agent-8", "tools", { mode: "none" });
    await set("agent-7", "execution", { paused: true });
    const id = await world.contained(breach);
    expect(await reins("agent-8")).toMatchObject({ tools: "none" });
    await calledOff(id);
    expect(await reins()).toMatchObject({ tools: "read-only", isolated: false, paused: true });
    expect(await reins("agent-8")).toMatchObject({ tools: "none" });
  });

  it("leaves a similar agent restricted that another incident asked for too, until that is over as well", async () => {
    const first = await world.contained(breach);
    const second = await world.contained({ ...breach, agentId: "agent-10" });
    expect(await reins("agent-8")).toMatchObject({ tools: "read-only" });
    await calledOff(first);
    expect(await reins("agent-8")).toMatchObject({ tools: "read-only" });
    expect(await reins("agent-9")).toMatchObject({ tools: "all" });
    await calledOff(second);
    expect(await reins("agent-8")).toMatchObject({ tools: "all" });
  });

  it("of one does not set an agent loose that was breached itself meanwhile", async () => {
    const first = await world.contained(breach);
    const own = await world.contained({ ...breach, agentId: "agent-8" });
    expect(await reins("agent-8")).toMatchObject(stopped);
    await calledOff(first);
    expect(await reins("agent-8")).toMatchObject(stopped);
    await calledOff(own);
    expect(await reins("agent-8")).toMatchObject(loose);
  });

  it("gives the money back although the platform does not answer, and the agent when it does", async () => {
    const id = await world.contained(breach);
    await world.admin.fault({ match: { tool: "control_execution" }, kind: "500-before", times: 1 });
    await expect(calledOff(id)).rejects.toThrow("still held back");
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect(await calledOff(id)).toEqual({ answer: "restored" });
    expect(await reins()).toMatchObject(loose);
  });

  it("stops a worker that is late: it can ask nothing more of the agent", async () => {
    const id = await world.contained(breach);
    await calledOff(id);
    const mark = { incidentId: id, what: "paused", why: "late", at: 0 };
    expect(await world.services.marks.leave("agent", "agent-7", mark)).toBe(false);
    expect(await world.services.marks.on("agent", "agent-7")).toEqual([]);
  });
});

describe("an error spike", () => {
  it("restricts the agent to reading, leaves its money alone, and is in effect", async () => {
    const id = await world.contained(errors);
    const { status, runbooks, requestedAt, effectiveAt } = await view(id);
    expect({ status, runbooks }).toEqual({ status: "contained", runbooks: ["agent-restriction"] });
    expect(effectiveAt).toBeGreaterThanOrEqual(requestedAt!);
    expect(await reins()).toMatchObject({ ...loose, tools: "read-only" });
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect((await world.jobs("notification")).join(" ")).not.toContain("budget-frozen");
    expect(await calledOff(id)).toEqual({ answer: "caps-untouched" });
    expect(await reins()).toMatchObject(loose);
  });

  it("that turns out to be a breach is one: everything is taken, in the same incident", async () => {
    const id = await world.contained(errors);
    await world.freeze(await world.handOver(breach));
    await world.contain(id);
    expect(await view(id)).toMatchObject({ status: "contained", priority: "P0", runbook: "agent-breach" });
    expect(await reins()).toMatchObject(stopped);
    expect((await world.agent()).caps.daily).toBe("0.00");
    await calledOff(id);
    expect(await reins()).toMatchObject(loose);
    expect((await world.agent()).caps.daily).toBe("500.00");
  });

  it("is how a breach is answered that is only a warning", async () => {
    const id = await world.contained({ ...breach, severity: "warning" });
    expect(await view(id)).toMatchObject({ runbooks: ["agent-restriction"], priority: "P2" });
    expect(await reins()).toMatchObject({ ...loose, tools: "read-only" });
  });
});

describe("where nothing runs the agents that could be asked", () => {
  beforeEach(async () => {
    await world.close();
    await start({ agentControl: false });
  });

  it("a breach is contained as far as money goes, and a person is told what to do by hand", async () => {
    const id = await world.contained(breach);
    expect(await view(id)).toMatchObject({ status: "contained" });
    expect((await world.agent()).caps.daily).toBe("0.00");
    const { result } = (await view(id)).steps.find(({ step }) => step === "pause-agent")!;
    expect(result).toEqual({ byHand: "no agent control is configured: pause it by hand" });
  });

  it("a restriction ends at once, is not said to be in effect, and can be stood down", async () => {
    const id = await world.contained(errors);
    expect(await view(id)).toMatchObject({ status: "contained", effectiveAt: null });
    expect(await calledOff(id)).toEqual({ answer: "caps-untouched" });
  });

  it("the same goes for an agent that the platform does not run", async () => {
    await world.close();
    await start();
    const real = world.ports.agentControl!;
    const { TourniquetError } = await import("../../src/errors.ts");
    const stranger = { outcome: "not-done", error: new TourniquetError("not-found", "404") } as const;
    const control: AgentControl = {
      ...real,
      readState: async () => Promise.reject(new TourniquetError("not-found", "404")),
      rotateCredentials: async () => stranger,
    };
    const { incidentId } = await world.freeze(await world.handOver(breach));
    expect(await world.contain(incidentId!, { agentControl: control })).toEqual({ answer: "contained" });
    expect(await reins()).toMatchObject(loose);
    expect(await world.services.marks.leftBy(incidentId!, "agent")).toEqual([]);
  });
});

describe("in observe-only mode", () => {
  it("nothing is asked of an agent, whoever tries; what a person ordered goes through", async () => {
    await world.close();
    await start({ settings: `${settings}\nmode: observe\n` });
    expect(await world.services.agentControl!.setPaused("agent-7", true)).toMatchObject({
      outcome: "not-done",
      error: { code: "conflict" },
    });
    expect(await reins()).toMatchObject(loose);
    expect(await world.services.ordered.agentControl!.setPaused("agent-7", true)).toMatchObject({ outcome: "done" });
    expect(await reins()).toMatchObject({ paused: true });
  });
});

describe("a dry run", () => {
  it("asks nothing of anybody, and says whom it would have restricted", async () => {
    await world.close();
    await start({ settings: `${settings}\nmode: observe\n` });
    const { incidentId } = await world.freeze(await world.handOver(breach));
    expect(await world.contain(incidentId!)).toEqual({ answer: "observed" });
    for (const agentId of ["agent-7", ...others]) expect(await reins(agentId)).toMatchObject(loose);
    const step = (await view(incidentId!)).steps.find(({ step: name }) => name.endsWith("restrict-similar"));
    expect(step?.result).toMatchObject({
      would: "restrict-similar",
      restricted: [{ agentId: "agent-8" }, { agentId: "agent-9" }],
    });
  });
});
