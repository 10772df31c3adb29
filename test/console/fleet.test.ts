import { describe, expect, it } from "vitest";
import {
  beingFrozen,
  capName,
  type FleetAgent,
  inGroup,
  sorted,
  standing,
  summed,
} from "../../src/console/pages/fleet/answers.ts";

const agent = (agentId: string, more: Partial<FleetAgent> = {}): FleetAgent => ({
  ...{ agentId, wallet: null, state: "free", recoveringPercent: null },
  spent: { last5Min: "0.00", lastHour: "0.00", lastDay: "0.00", isWhole: true },
  ...{ usualPerMinute: null, caps: null, breaker: "closed", incident: null, why: null },
  lastEventAt: null,
  ...more,
});
const incident = (priority: string) => ({ id: `inc-${priority}`, status: "containing", priority });
const names = (agents: readonly FleetAgent[]) => agents.map(({ agentId }) => agentId);

describe("the agents of a fleet", () => {
  const spender = agent("spender-1");
  const frozen = agent("frozen-1", { state: "frozen", incident: incident("P0"), wallet: "b" });
  const lesser = agent("trouble-2", { state: "trouble", incident: incident("P2"), wallet: "a" });
  const worse = agent("trouble-1", { state: "trouble", incident: incident("P0") });
  const agents = [spender, frozen, lesser, worse];

  it("stand with the worst trouble first, and of those that stand alike who spends most", () => {
    expect(names(sorted(agents, "trouble"))).toEqual(["trouble-1", "trouble-2", "frozen-1", "spender-1"]);
    expect(names(sorted([agent("b"), agent("a")], "trouble"))).toEqual(["b", "a"]);
  });

  it("stand as the answer has them by spending, and by name with numbers as numbers", () => {
    expect(sorted(agents, "spending")).toEqual(agents);
    expect(names(sorted([agent("a-10"), agent("a-9")], "name"))).toEqual(["a-9", "a-10"]);
  });

  it("stand by wallet, those without one last", () => {
    expect(names(sorted(agents, "wallet"))).toEqual(["trouble-2", "frozen-1", "spender-1", "trouble-1"]);
  });

  it("count as held whichever way they are", () => {
    for (const state of ["frozen", "halved", "restricted"] as const)
      expect(inGroup(agent("a", { state }), "held")).toBe(true);
    for (const state of ["free", "trouble", "recovering"] as const)
      expect(inGroup(agent("a", { state }), "held")).toBe(false);
  });

  it("are summed up by kinds that add up, those left out that nobody is of", () => {
    const back = agent("r", { state: "recovering" });
    expect(summed([...agents, back, agent("h", { state: "halved" })])).toBe(
      "2 in trouble, 2 held, 1 recovering, 1 free of 6",
    );
    expect(summed([spender])).toBe("1 free of 1");
  });

  it("have the cap last seen called what it is: containment has set another since", () => {
    expect(capName("frozen")).toBe("its cap before the freeze");
    expect([capName("halved"), capName("recovering")]).toEqual(Array(2).fill("its cap before the incident"));
    expect([capName("free"), capName("trouble")]).toEqual(Array(2).fill("its cap"));
  });

  it("say how much of their caps they have back", () => {
    expect(standing(agent("a", { state: "recovering", recoveringPercent: 75 })).text).toBe("Recovering, 75 % back");
  });
});

describe("what came of a shutdown", () => {
  it("says how many are frozen, and of those it does not reach how many they are", () => {
    const agents = ["a", "b"];
    expect(beingFrozen({ agents, notReached: [] })).toBe("2 agents are being frozen.");
    expect(beingFrozen({ agents, notReached: ["c"] })).toBe(
      "2 agents are being frozen. But 1 agent that no settings name is not reached: c. Stop them by hand.",
    );
    expect(beingFrozen({ agents, notReached: ["c", "d", "e", "f"] })).toBe(
      "2 agents are being frozen. But 4 that no settings name are not reached: c, d and 2 more. Stop them by hand.",
    );
  });
});
