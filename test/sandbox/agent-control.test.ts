import { describe, expect, it } from "vitest";
import { openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const open = async () => {
  const sandbox = await openSandbox();
  await placeAgent(sandbox);
  return { sandbox, control: sandbox.as("sandbox-control-tests") };
};
const at = (rest = "") => `/_control/agents/buyer${rest}`;

describe("the platform that runs the sandbox's agents", () => {
  it("shows what it was asked for, in its own words and among the sandbox's state, and logs each effect", async () => {
    const { sandbox, control } = await open();
    expect((await control("GET", at())).body).toEqual({
      agent_id: "buyer",
      tools: "all",
      isolated: false,
      paused: false,
      last_rotation: null,
    });
    await control("PUT", at("/tools"), { mode: "read-only" });
    await control("PUT", at("/network"), { isolated: true });
    await control("PUT", at("/execution"), { paused: true });
    const rotate = () => control("POST", at("/credentials/rotate"), undefined, { "idempotency-key": "rotate:1" });
    expect((await rotate()).body).toEqual({ rotated: 2 });
    await rotate();
    const state = { tools: "read-only", isolated: true, paused: true };
    expect((await control("GET", at())).body).toMatchObject({ ...state, last_rotation: "rotate:1" });
    const { body } = await sandbox.control("GET", "/state");
    expect(body.agents[0].control).toEqual({ ...state, rotations: ["rotate:1"] });
    const { effects } = (await sandbox.control("GET", "/effects")).body;
    const names = effects
      .map(({ effect }: { effect: string }) => effect)
      .filter((name: string) => name.startsWith("control."));
    expect(names).toEqual(["control.set", "control.set", "control.set", "control.rotated"]);
    await sandbox.control("POST", "/reset");
    await placeAgent(sandbox);
    expect((await control("GET", at())).body).toMatchObject({ tools: "all", last_rotation: null });
  });

  it("refuses whoever has no token of its own, agents it does not run, and what it cannot read", async () => {
    const { sandbox, control } = await open();
    expect((await sandbox.as(undefined)("GET", at())).status).toBe(401);
    expect((await sandbox.admin("GET", at())).status).toBe(401);
    expect((await control("GET", "/_control/agents/nobody")).status).toBe(404);
    expect((await control("PUT", at("/tools"), { mode: "some" })).status).toBe(422);
    expect((await control("PUT", at("/network"), {})).status).toBe(422);
    expect(tail(await control("POST", at("/credentials/rotate")))).toBe("idempotency-key-required");
    expect((await control("GET", at())).body).toMatchObject({ tools: "all", isolated: false, last_rotation: null });
  });

  it("suffers the faults that are switched on, each on its side of the effect", async () => {
    const { sandbox, control } = await open();
    await sandbox.control("POST", "/faults", [
      { match: { tool: "control_execution", agentId: "buyer" }, kind: "500-before", times: 1 },
      { match: { tool: "control_network" }, kind: "500-after", times: 1 },
    ]);
    expect((await control("PUT", at("/execution"), { paused: true })).status).toBe(500);
    expect((await control("PUT", at("/network"), { isolated: true })).status).toBe(500);
    expect((await control("GET", at())).body).toMatchObject({ paused: false, isolated: true });
  });
});
