import { afterEach, describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
afterEach(() => world.close());

const opened = async (ports: Partial<QuietWorld["ports"]> = {}) => {
  const { incidentId } = await world.freeze(await world.handOver(), ports);
  return (await world.services.incidents.load(incidentId!))!;
};

describe("an incident that containment opens", () => {
  it("has the escalation of the settings in force, and keeps it when they change", async () => {
    world = await quietWorld({ settings: "escalation: { P0: [{ afterMs: 60000, to: [slack] }] }" });
    const { id, escalation, openedAt } = await opened();
    const policy = { ...readSettings(undefined, {}).escalation, P0: [{ afterMs: 60_000, to: ["slack"] }] };
    expect(escalation).toEqual({ policy, priority: "P0", since: openedAt, told: 0, reached: [] });
    const settings = readSettings("escalation: { P0: [{ afterMs: 1000, to: [webhook] }] }", {});
    expect(await opened({ settings })).toMatchObject({ id, escalation: { policy, since: openedAt } });
  });

  it("wakes nobody where it only observes", async () => {
    world = await quietWorld({ settings: "mode: observe" });
    expect(await opened()).toMatchObject({ dryRun: true, escalation: null });
  });
});
