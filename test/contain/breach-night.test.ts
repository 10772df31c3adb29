import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ settings: "fleet: { agents: [{ id: agent-8, tools: [http_request] }] }" });
  await world.admin.placeAgent("agent-7");
  await world.admin.placeAgent("agent-8");
});
afterEach(() => world.close());

const tell = async (entries: Record<string, unknown>[]) => {
  const events = entries.map((entry) => ({ agent_id: "agent-7", ...entry }));
  const { inbox, settings } = world.services;
  const rawBody = Buffer.from(JSON.stringify({ events }));
  expect(await admitActivity({ inbox, settings } as never, { rawBody, signedId: null })).toMatchObject({
    answer: "taken",
  });
};
const call = (tool: string, body = "") => ({
  event_type: "tool_call",
  payload: { tool_name: tool, parameters: { body } },
});
const control = async (id: string) => (await world.admin.state()).agents.find(({ agentId }) => agentId === id)!.control;

describe("an agent that tells of itself", () => {
  it("that it sent much out is frozen, stopped and rotated, and those with the same tool may only read", async () => {
    await tell([call("read_secret"), call("http_request", "x".repeat(20_000))]);
    const { id, priority } = await world.untilStatus("contained");
    expect(priority).toBe("P0");
    expect(await control("agent-7")).toMatchObject({
      tools: "none",
      isolated: true,
      paused: true,
      rotations: [`rotate:${id}`],
    });
    expect(await control("agent-8")).toMatchObject({ tools: "read-only", isolated: false, paused: false });
    const { agents } = await world.admin.state();
    expect(agents.map(({ agentId, caps }) => `${agentId} ${caps.daily}`).sort()).toEqual([
      "agent-7 0.00",
      "agent-8 500.00",
    ]);
  });

  it("of many errors may only read, and keeps its money", async () => {
    await tell(
      Array.from({ length: 21 }, (_, index) => ({ event_type: "error", payload: { code: "E", message: `${index}` } })),
    );
    expect(await world.untilStatus("contained")).toMatchObject({ priority: "P2", runbooks: ["agent-restriction"] });
    expect(await control("agent-7")).toMatchObject({
      tools: "read-only",
      isolated: false,
      paused: false,
      rotations: [],
    });
    expect((await world.admin.state()).agents.map(({ caps }) => caps.daily)).toEqual(["500.00", "500.00"]);
  });
});
