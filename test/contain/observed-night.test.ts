import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { incidentLines } from "../../src/cli/incident-text.ts";
import { timeliness } from "../../src/incident/deadline.ts";
import { whatHappened } from "../../src/incident/what-happened.ts";
import { durationsOf, sixtySeconds } from "../../src/learn/post-mortem/durations.ts";
import { timelineOf } from "../../src/learn/post-mortem/timeline.ts";
import { learnFrom } from "../../src/learn/tuning/tuning.ts";
import { announcementOf } from "../../src/notify/announcement.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { readSettings, thresholdsFor } from "../../src/settings/settings.ts";
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

  it("half an hour later switched to act, every clock counts from the event that is acted on", async () => {
    await runAway(10);
    const dry = await world.untilStatus("observed");
    await untilDecided();
    const { redis, incidents, inbox, heldSettings, measures } = world.services;
    const halfAnHour = 30 * 60_000;
    const observedFrom = dry.receivedAt - halfAnHour;
    await redis.hset(keys.incident(0, dry.id), "receivedAt", observedFrom);
    switchTo("mode: act");
    await runAway(1);
    await world.untilStatus("contained");
    const real = (await incidents.view(dry.id))!;
    const [awoke] = real.signals.filter(({ id }) => !dry.signals.some((one) => one.id === id));
    const { receivedAt } = (await inbox.load(awoke!.why.events.at(-1)!))!;
    expect(real).toMatchObject({ dryRun: false, observedFrom, receivedAt });
    const { spans } = await measures.read();
    expect(spans.find(({ span }) => span === "containment")).toMatchObject({
      totalMs: real.containedAt! - receivedAt,
    });

    // As on a machine that nothing else keeps busy.
    const quick = { ...real, effectiveAt: receivedAt + 200, containedAt: receivedAt + 1_000 };
    expect(timeliness(quick, Date.now()).timeliness).toBe("in-time");
    expect(whatHappened(quick)).toMatch(/: contained within 1 s$/);
    expect(announcementOf(quick, "containment-complete").payload).toMatchObject({
      ...{ freeze_ms: 200, containment_ms: 1_000, within_60_s: true },
    });
    expect(incidentLines(quick)).toMatch(/effective 0\.200 s after detection.*\n.*contained within 5 s: in-time/);
    expect(incidentLines(quick)).toMatch(/^dry run {5}from .* until .*; acted on and timed from then on$/m);
    expect(durationsOf(quick, observedFrom - 5_000)).toMatchObject({
      detect: { ms: 5_000 },
      contain: { ms: 1_000, why: expect.stringMatching(/end of the dry run, as which it was only watched for 30 min/) },
    });
    expect(sixtySeconds(quick, Date.now())).toMatchObject({ tookMs: 1_000, verdict: "kept" });
    const told = timelineOf(quick, observedFrom, Date.now());
    expect(told.detectedAt).toBe(new Date(observedFrom).toISOString());
    expect(told.entries.filter(({ what }) => what === "detected" || what === "acted-on")).toMatchObject([
      { at: new Date(observedFrom).toISOString(), text: expect.stringMatching(/only watched/) },
      { at: new Date(receivedAt).toISOString(), text: expect.stringMatching(/the clock counts/) },
    ]);
    const learning = { ...world.services, fileThresholds: (id: string) => thresholdsFor(heldSettings.file, id) };
    expect(await learnFrom(learning, { ...quick, status: "resolved" })).toEqual({ answer: "in-time" });
  });
});
