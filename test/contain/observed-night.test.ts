import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { incidentLines } from "../../src/cli/incident-text.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

const agentId = "procurement-17";
let world: World;
beforeEach(async () => {
  world = await createWorld({ settings: "mode: observe" });
  await world.admin.placeAgent(agentId, { dailyCap: "100000.00" });
});
afterEach(() => world.close());

const switchTo = (yaml: string) => world.services.heldSettings.reload(() => readSettings(yaml, {}));
const runAway = async (escrows: number) => {
  for (let i = 0; i < escrows; i += 1) await world.openEscrow({ payer: agentId });
};
const caps = async () => (await world.admin.state()).agents.find((agent) => agent.agentId === agentId)?.caps;
/** What was done at the gateway that the agent itself did not do. */
const ours = async () => (await world.admin.effects()).filter(({ effect }) => effect !== "escrow.created");
const untilDecided = () =>
  until(async () => (await world.services.inbox.stats()).pending === 0, "every event to be decided");

describe("the 2:47 story in observe-only mode (P5)", () => {
  it("leaves the gateway untouched, and one incident that says what would have been done", async () => {
    const before = await ours();
    await runAway(20);
    const incident = await world.untilStatus("observed");
    await untilDecided();
    expect(await ours()).toEqual(before);
    expect(await world.services.incidents.list(10)).toHaveLength(1);
    expect(incident).toMatchObject({ agentId, dryRun: true, runbook: "runaway-spending", epoch: 0 });
    expect(incident.signals.map(({ kind }) => kind)).toContain("escrow-burst");
    const shown = incidentLines((await world.services.incidents.view(incident.id))!);
    expect(shown).toMatch(/^would have {2}.*freeze-budget.*cancel-escrows/m);
  });

  it("switched to act while the agent still runs away, the next escrow is the last", async () => {
    await runAway(10);
    const dry = await world.untilStatus("observed");
    await untilDecided();
    switchTo("mode: act");
    await runAway(1);
    const real = await world.untilStatus("contained");
    expect(real).toMatchObject({
      id: dry.id,
      dryRun: false,
      epoch: 1,
      dollars: { lost: "0.00", recovered: "1650.00" },
    });
    expect((await caps())?.daily).toBe("0.00");
    // A person's order goes through, also when only observed again.
    switchTo("mode: observe");
    await askStandDown(world.services, { incidentId: real.id, by: "mira", reason: "seen enough" });
    await world.untilStatus("stood-down");
    expect((await caps())?.daily).toBe("100000.00");
  });
});
