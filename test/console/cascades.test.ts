import { describe, expect, it } from "vitest";
import { type Member, memberState, unclaimed } from "../../src/console/pages/cascades/answers.ts";

const member = (given: Partial<Member>): Member => ({
  ...{ agentId: "a", standing: "freezing", incidentId: "inc-0-a-1", status: "containing", recovery: null },
  ...{ acknowledgedBy: null, signals: [] },
  ...given,
});

describe("a member of a cascade", () => {
  it("is being contained only where somebody contains it: a dry run is called one", () => {
    expect(memberState(member({})).text).toBe("Being contained");
    expect(memberState(member({ status: "observed" }))).toEqual({ tone: "quiet", text: "Dry run, nothing done" });
  });

  it("may be taken on while its incident is open and nobody has it", () => {
    const recovery = { stage: "stood-down" } as Member["recovery"];
    const taken = [member({ acknowledgedBy: "ada" }), member({ incidentId: null }), member({ recovery })];
    expect(unclaimed([...taken, member({ agentId: "b" })]).map(({ agentId }) => agentId)).toEqual(["b"]);
  });

  it("is recovering only while it does: one that new trouble replaced is frozen, whatever it had got back", () => {
    const recovery = { stage: "recovering", percent: 50 } as Member["recovery"];
    expect(memberState(member({ recovery })).text).toBe("Recovering, 50 % back");
    const superseded = { ...recovery, stage: "superseded" } as Member["recovery"];
    expect(memberState(member({ recovery: superseded })).text).toBe("Replaced by new trouble");
  });
});
