import { describe, expect, it } from "vitest";
import { LEAST_CALLS, type Planned, plan, pollingShare } from "../../../src/detect/watch/plan.ts";
import { readSettings } from "../../../src/settings/settings.ts";

const fleetOf = (count: number, more = "") =>
  readSettings(
    `fleet: { agents: [${Array.from({ length: count }, (_, n) => `{ id: agent-${n} }`).join(", ")}] }\n${more}`,
    {},
  );
const oneKey = () => "containment";
const nobody = { seen: [], recovering: new Set<string>() };

describe("how often agents are looked at", () => {
  it("is every 30 s for those of high value, every 5 min for the others and for those that only webhooks told of", () => {
    const settings = readSettings("fleet: { agents: [{ id: a }, { id: b, value: low }] }", {});
    expect(plan(settings, { ...nobody, seen: ["seen"] }, oneKey)).toEqual([
      { agentId: "a", wantedMs: 30_000, everyMs: 30_000 },
      { agentId: "b", wantedMs: 300_000, everyMs: 300_000 },
      { agentId: "seen", wantedMs: 300_000, everyMs: 300_000 },
    ]);
  });

  it("stretches for all alike where the key's limit does not allow it: 40 agents, 10,000 calls an hour, half kept for freezes", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const planned = plan(settings, nobody, oneKey);
    expect(new Set(planned.map(({ everyMs }) => everyMs))).toEqual(new Set([94_255]));
    const looksPerHour = planned.reduce((sum, { everyMs }) => sum + 3_600_000 / everyMs, 0);
    expect(looksPerHour * LEAST_CALLS).toBeLessThanOrEqual(pollingShare(settings.gateway)!);
    expect(Math.round(looksPerHour)).toBe(1_528);
  });

  it("stays as wanted up to the very limit of the key", () => {
    // One agent every 30 s: 120 looks an hour of 3 calls at least; half of the limit is kept, a twelfth of the rest saved up.
    expect(plan(fleetOf(1, "gateway: { callsPerHour: 786 }"), nobody, oneKey)[0]?.everyMs).toBe(30_000);
    expect(plan(fleetOf(1, "gateway: { callsPerHour: 785 }"), nobody, oneKey)[0]?.everyMs).toBeGreaterThan(30_000);
  });

  it("of agents with keys of their own stretches by those keys, each for itself", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const planned = plan(settings, nobody, (agentId) => agentId);
    expect(new Set(planned.map(({ everyMs }) => everyMs))).toEqual(new Set([30_000]));
  });

  it("is as wanted without a limit", () => {
    expect(plan(fleetOf(500), nobody, oneKey).every(({ everyMs }) => everyMs === 30_000)).toBe(true);
  });
});

describe("an agent whose incident is recovering (R2)", () => {
  const recovering = (...agents: string[]) => ({ seen: [], recovering: new Set(agents) });
  const everyOf = (planned: readonly Planned[]) =>
    Object.fromEntries(planned.map(({ agentId, everyMs }) => [agentId, everyMs]));

  it("is looked at every 30 s whatever its value, even where no file names it, and no less often than on other days", () => {
    const settings = readSettings("fleet: { agents: [{ id: a, value: low }, { id: b, value: low }] }", {});
    expect(everyOf(plan(settings, recovering("a", "stranger"), oneKey))).toEqual({
      ...{ a: 30_000, b: 300_000, stranger: 30_000 },
    });
    const closer = readSettings("fleet: { agents: [{ id: a }] }\nwatch: { highValueEveryMs: 10000 }", {});
    expect(everyOf(plan(closer, recovering("a"), oneKey))).toEqual({ a: 10_000 });
    const asked = readSettings("fleet: { agents: [{ id: a }] }\nrecovery: { lookEveryMs: 5000 }", {});
    expect(everyOf(plan(asked, recovering("a"), oneKey))).toEqual({ a: 5_000 });
    expect(everyOf(plan(asked, nobody, oneKey))).toEqual({ a: 30_000 });
  });

  it("keeps to it where the key's limit stretches the others, and all together stay within the limit", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const planned = plan(settings, recovering("agent-0", "agent-1"), oneKey);
    const { "agent-0": first, "agent-1": second, ...others } = everyOf(planned);
    expect([first, second]).toEqual([30_000, 30_000]);
    expect(new Set(Object.values(others))).toEqual(new Set([106_230]));
    expect(callsPerHour(planned)).toBeLessThanOrEqual(pollingShare(settings.gateway)!);
  });

  it("leaves half of the key to the others, where very many recover at once", () => {
    const settings = fleetOf(40, "gateway: { callsPerHour: 10000 }");
    const many = Array.from({ length: 30 }, (_, n) => `agent-${n}`);
    const planned = plan(settings, recovering(...many), oneKey);
    const half = (pollingShare(settings.gateway)! * 11) / 12 / 2;
    expect(callsPerHour(planned.slice(0, 30))).toBeCloseTo(half, -1);
    expect(callsPerHour(planned.slice(30))).toBeCloseTo(half, -1);
    const all = plan(settings, recovering(...many, ...Array.from({ length: 10 }, (_, n) => `agent-${n + 30}`)), oneKey);
    expect(new Set(all.map(({ everyMs }) => everyMs))).toEqual(new Set([94_255]));
  });
});

const callsPerHour = (planned: readonly Planned[]) =>
  planned.reduce((sum, { everyMs }) => sum + (LEAST_CALLS * 3_600_000) / everyMs, 0);
