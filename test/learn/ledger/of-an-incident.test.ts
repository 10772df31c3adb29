import { afterEach, expect, it } from "vitest";
import type { LedgerEntry } from "../../../src/incident/ledger.ts";
import { exportLedger } from "../../../src/learn/ledger/export.ts";
import { verifyLedger } from "../../../src/learn/ledger/verify.ts";
import { askStandDown } from "../../../src/recover/ask-stand-down.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.close());

it("tells of every line of the timeline and of every write that the gateway saw, and is signed as it is contained and over", async () => {
  world = await createWorld();
  const { admin, services } = world;
  await admin.placeAgent("agent-7");
  await admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 60);
  await world.deliver({ event_type: "budget_threshold", agent_id: "agent-7", payload: { utilization_pct: 99 } });
  const { id } = await world.untilStatus("contained");
  const checkpoints = async () => (await services.ledgers.read(id)).checkpoints;
  await until(async () => (await checkpoints()).length > 0, "the checkpoint of the containment");
  await until(async () => (await services.incidents.evidence(id))["at-containment"], "the evidence");
  await admin.setCaps("agent-7", "500.00", null);
  await services.incidents.attend(id, 0);
  await until(async () => ((await services.incidents.load(id))?.reassertions ?? 0) > 0, "the hold to put it back");
  await until(async () => (await admin.state()).agents.some(({ caps }) => caps.daily === "0.00"), "the cap of 0");
  await askStandDown(services, { incidentId: id, by: "ada", reason: "planned" });
  const { timeline } = await world.untilStatus("stood-down");
  const signed = (await checkpoints()).length;
  await until(async () => (await checkpoints()).length > signed, "the checkpoint of the end");

  const text = await exportLedger(services, id);
  expect(verifyLedger(text)).toMatchObject({ verdict: "whole", problems: [] });
  const entries: LedgerEntry[] = JSON.parse(text).entries.map(({ entry }: { entry: LedgerEntry }) => entry);
  const told = entries.map(({ at, what }) => `${at} ${what}`);
  for (const { at, what } of timeline) expect(told).toContain(`${at} ${what}`);
  const called = new Set(entries.filter(({ what }) => what === "call-claimed" || what === "call-sent").map(actionOf));
  const answered = new Set(entries.filter(({ what }) => /^call-(finished|answered)$/.test(what)).map(actionOf));
  const ours = (await admin.effects()).filter(({ idempotencyKey }) => idempotencyKey !== undefined);
  expect(ours.length).toBeGreaterThan(62);
  for (const { idempotencyKey } of ours) {
    expect(called).toContain(idempotencyKey);
    expect(answered).toContain(idempotencyKey);
  }
  expect(entries.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["caps-kept", "escrows-recorded", "evidence-kept", "hold-breached", "stand-down-asked"]),
  );
});

const actionOf = ({ detail }: LedgerEntry): string => String(detail.action);
