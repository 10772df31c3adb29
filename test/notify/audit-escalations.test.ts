import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { MINUTE } from "../redis/escalating.ts";
import { escalationNight, sentOf } from "./escalation-night.ts";

let night: Awaited<ReturnType<typeof escalationNight>>;
beforeAll(async () => {
  night = await escalationNight();
});
afterAll(() => night.stores.close());
beforeEach(() => night.begin("slack", "pagerduty-secondary"));

describe("the auditor", () => {
  it("leaves alone what is late for less than 60 s", async () => {
    await night.openAgo(6 * MINUTE - 2_000);
    expect([await night.audit(), night.errors, night.jobs.size]).toEqual([0, [], 0]);
  });

  it("says what nobody told, has it told once, and the ticker that wakes up late tells nobody again", async () => {
    const incidentId = await night.openAgo(6 * MINUTE);
    expect(await night.audit()).toBe(1);
    expect(night.errors).toEqual([
      ["escalation.missed", expect.objectContaining({ incidentId, priority: "P0", level: 0 })],
    ]);
    expect(await night.audit()).toBe(1);
    expect(night.errors).toHaveLength(1);
    expect([...night.jobs.keys()]).toEqual([`audited-${incidentId}-P0-0`]);
    await night.wake();
    expect(await night.work()).toEqual(["told", "told"]);
    expect(night.sent()).toEqual(sentOf(incidentId, 0, "log", "slack", "pagerduty-secondary"));
    const whats = (await night.timeline(incidentId)).map(({ what }) => what);
    expect(whats).toEqual(["incident-opened", "escalation-missed", "escalated"]);
    expect([await night.audit(), night.errors.length]).toEqual([0, 1]);
  });

  it("goes on saying it once a minute while nobody works its job", async () => {
    const incidentId = await night.openAgo(6 * MINUTE);
    await night.audit();
    await night.stores.redis.hincrby(keys.incident(0, incidentId), "escalationMissedAt", -MINUTE);
    await night.audit();
    expect(night.errors).toHaveLength(2);
    expect(await night.stores.escalations.overdue(MINUTE)).toBe(1);
  });

  it("says nothing of what was acknowledged, stood down, or is over", async () => {
    await night.stores.escalations.acknowledge(await night.openAgo(60 * MINUTE), "ada");
    await night.stores.incidents.beginStandDown(await night.openAgo(60 * MINUTE), "bob", "planned");
    await night.stores.incidents.setStatus(await night.openAgo(60 * MINUTE), "stood-down", "recover", {});
    expect([await night.audit(), night.errors, night.jobs.size]).toEqual([0, [], 0]);
  });
});
