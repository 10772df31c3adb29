import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActivityEntry } from "../../src/incident/activity.ts";
import { keys } from "../../src/redis/keys.ts";
import { MINUTE_MS, noon } from "../detect/rules/windows.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const call = (index: number, afterMs: number, what = "search"): ActivityEntry => ({
  what,
  at: noon + afterMs,
  eventId: `evt-0-${String(index).padStart(4, "0")}`,
});
const calls = (count: number, everyMs: number, from = 0) =>
  Array.from({ length: count }, (_, index) => call(index, from + index * everyMs));
const bounds = { most: 100, neighbours: 4 };
const tell = async (agentId: string, entries: readonly ActivityEntry[]) => {
  let view = null;
  for (const entry of entries) view = await stores.activity.observeCall(agentId, entry, bounds);
  return view!;
};
const offsets = (entries: readonly ActivityEntry[]) => entries.map(({ at }) => at - noon);

describe("an agent's window of tool calls", () => {
  it("gives back each call as it was, whatever its tool is called", async () => {
    const entries = [call(1, 0, "mcp: read secret/ü%20"), call(2, 5, "")];
    expect((await tell("agent-1", entries)).entries).toEqual(entries);
  });

  it("counts a call once, however often it is told of", async () => {
    const view = await tell("agent-2", [call(1, 0), call(2, 10), call(1, 0), call(2, 10)]);
    expect(view.entries).toHaveLength(2);
    expect(view.callsByMinute).toEqual(new Map([[noon / MINUTE_MS, 2]]));
  });

  it("shows a minute either side of the call, and its four neighbours however far", async () => {
    const far = [-600_000, -500_000, -400_000, -300_000, -200_000, 60_000, 60_001, 300_000, 400_000, 500_000];
    await tell(
      "agent-3",
      far.map((ms, index) => call(index, ms)),
    );
    expect(offsets((await tell("agent-3", [call(99, 0)])).entries)).toEqual([
      -500_000, -400_000, -300_000, -200_000, 0, 60_000, 60_001, 300_000, 400_000,
    ]);
    await tell(
      "agent-3b",
      Array.from({ length: 9 }, (_, index) => call(index, -60_000 + index)),
    );
    expect((await tell("agent-3b", [call(99, 0)])).entries).toHaveLength(10);
  });

  it("keeps the newest 100, and counts none of the others again", async () => {
    await tell("agent-4", calls(130, 100));
    const view = await tell("agent-4", calls(40, 100));
    expect(await stores.redis.zcard(keys.activity(0, "calls", "agent-4"))).toBe(100);
    expect(view.callsByMinute.get(noon / MINUTE_MS)).toBe(130);
  });

  it("keeps two hours of minutes for the baseline", async () => {
    const view = await tell("agent-5", calls(125, MINUTE_MS));
    const minutes = [...view.callsByMinute.keys()].sort((a, b) => a - b);
    expect([minutes.length, minutes[0]]).toEqual([120, noon / MINUTE_MS + 5]);
  });

  it("is forgotten an hour after the last call, the baseline after a week", async () => {
    await tell("agent-6", calls(1, 0));
    expect(Math.round((await stores.redis.pttl(keys.activity(0, "calls", "agent-6"))) / MINUTE_MS)).toBe(60);
    expect(Math.round((await stores.redis.pttl(keys.callMinutes(0, "agent-6"))) / 86_400_000)).toBe(7);
  });

  it("starts afresh after a stand-down: calls and minutes of a false alarm are not held against the agent", async () => {
    await tell("agent-7", calls(40, 100));
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-7" }));
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    const view = await tell("agent-7", [call(99, 9_000)]);
    expect([view.entries.length, view.afreshMinute]).toEqual([1, noon / MINUTE_MS]);
    expect(view.epoch).toBe(2);
    expect((await tell("agent-7", [call(100, 9_001)])).entries).toHaveLength(2);
  });
});

describe("an agent's window of errors", () => {
  it("is as long as it is asked to be, and apart from its calls", async () => {
    await tell("agent-8", [call(7, 0)]);
    const window = { most: 100, windowMs: 2 * 3_600_000 };
    await stores.activity.observeError("agent-8", call(1, -7_200_000, "timeout"), window);
    await stores.activity.observeError("agent-8", call(2, -7_200_001, "timeout"), window);
    const view = await stores.activity.observeError("agent-8", call(3, 0, ""), window);
    expect(view.entries.map(({ what }) => what)).toEqual(["timeout", ""]);
    expect(Math.round((await stores.redis.pttl(keys.activity(0, "errors", "agent-8"))) / MINUTE_MS)).toBe(120);
  });
});
