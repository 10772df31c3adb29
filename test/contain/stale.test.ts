import { afterEach, describe, expect, it } from "vitest";
import { type FreezeJob, freeze } from "../../src/contain/freeze.ts";
import { correlate } from "../../src/detect/correlate.ts";
import { whyNotActedOn } from "../../src/incident/not-acted-on.ts";
import { readSettings, type Settings } from "../../src/settings/settings.ts";
import { containPorts } from "../../src/work.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
afterEach(() => world.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const toldOnly = "policy: [{ signal: escrow-burst, severity: critical, tier: alert-human }]";

async function quiet(settings?: string): Promise<void> {
  world = await createWorld({ workers: [], ticker: false, ...(settings && { settings }) });
  await world.admin.placeAgent("agent-7");
}

/** So many of the same to one payee, nine if nothing is said, each judged as it comes; held at the gateway, or only told of. */
async function loop(
  payee: string,
  agoMs: number,
  { isHeld, count = 9, settings }: { isHeld: boolean; count?: number; settings?: Settings },
) {
  const from = Date.now() - agoMs;
  for (let index = 0; index < count; index += 1) {
    const escrow = { payer: "agent-7", payee, amount: "150.00" };
    const escrow_id = isHeld ? await world.admin.createEscrow("agent-7", payee, "150.00") : `${payee}-${index}`;
    const { eventId } = await world.deliver({
      event_type: "escrow_state_change",
      agent_id: "agent-7",
      timestamp: (from + index * 10) / 1000,
      payload: { ...escrow, escrow_id, status: "held" },
    });
    await correlate({ ...world.services, ...(settings && { settings }) }, { eventId });
  }
}

/** What the containment worker answers to every freeze that was handed over, each id once. */
async function freezes(): Promise<string[]> {
  const jobs = await world.services.queues.of("freeze", 0).getJobs(["waiting"]);
  const handedOver = jobs.filter(({ id }) => id?.startsWith("freeze-"));
  const { signal } = new AbortController();
  const ends = handedOver.map((job) => freeze(containPorts(world.services), job.data as FreezeJob, signal));
  return (await Promise.all(ends)).map(({ answer }) => answer);
}
const pages = async () =>
  (await world.services.queues.of("notification", 0).getJobs()).filter(({ data }) => data.what === "signal").length;

describe("trouble of hours ago that the gateway no longer shows", () => {
  it("hides nothing: the same kind of trouble now is contained", async () => {
    await quiet();
    await loop("flaky-upstream", 2 * HOUR, { isHeld: false });
    expect(await freezes()).toEqual(["stale"]);
    const [told] = await world.services.verdicts.recent(1);
    expect(await whyNotActedOn(world.services.inbox, told!)).toBe("stale: late, and the gateway no longer shows it");
    await loop("other-payee", 1_000, { isHeld: true });
    expect((await freezes()).sort()).toEqual(["decided-before", "opened"]);
    expect((await world.incident()).signals).toMatchObject([{ suspectPayee: "other-payee" }]);
  });
});

describe("a critical signal that policy only tells", () => {
  it("is told once in its hour, and again when it comes back another day", async () => {
    await quiet(toldOnly);
    await loop("flaky-upstream", 23 * HOUR, { isHeld: true });
    expect(await pages()).toBe(1);
    await loop("other-payee", 1_000, { isHeld: true });
    expect(await pages()).toBe(2);
  });

  it("is contained as soon as policy says so, although it was told before", async () => {
    await quiet(toldOnly);
    await loop("flaky-upstream", MINUTE, { isHeld: true });
    expect(await freezes()).toEqual([]);
    await loop("flaky-upstream", 1_000, { isHeld: true, count: 1, settings: readSettings(undefined, {}) });
    expect(await freezes()).toEqual(["opened"]);
  });
});
