import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const agentId = "agent-7";
const drift = { kind: "reputation-drift", suspectPayee: null } as const;
/** The gateway says that so much of the cap is used: of the one we halved. */
async function saysUsed(utilizationPct: number) {
  const { eventId } = await world.deliver({
    event_type: "budget_threshold",
    agent_id: agentId,
    payload: { utilization_pct: utilizationPct, daily_limit: "250.00", daily_spent: "240.00" },
  });
  return world.freeze({ eventId, agentId, signalId: null });
}

describe("an agent with half its budget that spends as before", () => {
  it("is at the end of our own cap: noted, and neither frozen nor are its escrows cancelled", async () => {
    await world.admin.holdEscrows(agentId, "honest", "10.00", 3);
    const id = await world.contained(drift);
    expect(await saysUsed(96)).toEqual({ answer: "joined", incidentId: id });
    await world.contain(id);
    expect(await world.agent()).toMatchObject({ caps: { daily: "250.00" }, escrows: { held: 3 } });
    const incident = (await world.services.incidents.view(id))!;
    expect(incident).toMatchObject({ status: "contained", priority: "P2", runbooks: ["service-degradation"] });
    expect(incident.timeline.map(({ what }) => what)).toContain("signal-is-our-doing");
  });

  it("is frozen all the same for what is not our doing", async () => {
    const id = await world.contained(drift);
    await world.freeze(await world.handOver());
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
    expect((await world.services.incidents.load(id))?.priority).toBe("P0");
  });
});

describe("an agent that nobody halved", () => {
  it("is frozen at the end of its budget", async () => {
    expect((await saysUsed(96)).answer).toBe("opened");
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
  });
});
