import { describe, expect, it } from "vitest";
import { LEAST_CALLS, plan, pollingShare } from "../../../src/detect/watch/plan.ts";
import { readSettings } from "../../../src/settings/settings.ts";

const fleetOf = (count: number, more = "") =>
  readSettings(
    `fleet: { agents: [${Array.from({ length: count }, (_, n) => `{ id: agent-${n} }`).join(", ")}] }\n${more}`,
    {},
  );
const oneKey = () => "containment";

describe("how often agents are looked at", () => {
  it("is every 30 s for those of high value, every 5 min for the others and for those that only webhooks told of", () => {
    const settings = readSettings("fleet: { agents: [{ id: a }, { id: b, value: low }] }", {});
    expect(plan(settings, ["seen"], oneKey)).toEqual([
      { agentId: "a", wantedMs: 30_000, everyMs: 30_000 },
      { agentId: "b", wantedMs: 300_000, everyMs: 300_000 },
      { agentId: "seen", wantedMs: 300_000, everyMs: 300_000 },
    ]);
  });

  it("stretches for all alike where the key's limit does not allow it: 40 agents, 10,000 calls an hour, half kept for freezes", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const planned = plan(settings, [], oneKey);
    expect(new Set(planned.map(({ everyMs }) => everyMs))).toEqual(new Set([94_255]));
    const looksPerHour = planned.reduce((sum, { everyMs }) => sum + 3_600_000 / everyMs, 0);
    expect(looksPerHour * LEAST_CALLS).toBeLessThanOrEqual(pollingShare(settings.gateway)!);
    expect(Math.round(looksPerHour)).toBe(1_528);
  });

  it("stays as wanted up to the very limit of the key", () => {
    // One agent every 30 s: 120 looks an hour of 3 calls at least; half of the limit is kept, a twelfth of the rest saved up.
    expect(plan(fleetOf(1, "gateway: { callsPerHour: 786 }"), [], oneKey)[0]?.everyMs).toBe(30_000);
    expect(plan(fleetOf(1, "gateway: { callsPerHour: 785 }"), [], oneKey)[0]?.everyMs).toBeGreaterThan(30_000);
  });

  it("of agents with keys of their own stretches by those keys, each for itself", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const planned = plan(settings, [], (agentId) => agentId);
    expect(new Set(planned.map(({ everyMs }) => everyMs))).toEqual(new Set([30_000]));
  });

  it("is as wanted without a limit", () => {
    expect(plan(fleetOf(500), [], oneKey).every(({ everyMs }) => everyMs === 30_000)).toBe(true);
  });
});
