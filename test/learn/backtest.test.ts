import { describe, expect, it } from "vitest";
import { formatMoney, type Money, money } from "../../src/incident/money.ts";
import {
  compare,
  type Place,
  presentTried,
  type Tried,
  type TriedIncident,
  truthOf,
} from "../../src/learn/backtest.ts";

const place = (seconds: number): Place => ({ line: seconds + 1, eventId: `evt-0-${seconds}`, at: seconds * 1_000 });

function incident(
  agentId: string,
  seconds: number,
  lockedAfter: string,
  more: Partial<TriedIncident> = {},
): TriedIncident {
  return {
    ...{
      agentId,
      signal: "escrow-burst",
      severity: "critical",
      rule: "identical-escrows",
      decidedBy: "default policy",
    },
    ...{ cascadeId: null, event: place(seconds), startedAt: 0, firstEventAt: 0, budget: "freeze" },
    ...{ frozen: place(seconds), escrows: 1, locked: money("100.00"), lockedAfter: money(lockedAfter), ...more },
  };
}
const tried = (...incidents: TriedIncident[]): Tried => ({ name: "x", incidents, warnings: 0, waiting: [] });
const trouble = (...agentIds: string[]) => ({ kind: "file", trouble: new Set(agentIds) }) as const;
const opened = (): Money => money("900.00");

describe("a candidate against the truth", () => {
  it("misses whom it never contains and stops without need whom it contains", () => {
    const one = tried(incident("caught", 10, "50.00"), incident("honest", 5, "7.00"));
    const { missed, falseFreezes, saved, blocked, locked } = compare(one, one, trouble("caught", "missed"), opened);
    expect(missed).toEqual([{ agentId: "missed", opened: opened() }]);
    expect(falseFreezes).toEqual([{ agentId: "honest", blocked: money("7.00") }]);
    expect([saved, blocked, locked].map(formatMoney)).toEqual(["50.00", "7.00", "100.00"]);
  });

  it("whom nobody knows about, those that today contains were in trouble", () => {
    expect(truthOf(tried(incident("a", 1, "0.00")), null)).toEqual({ kind: "today", trouble: new Set(["a"]) });
    expect(truthOf(tried(incident("a", 1, "0.00")), trouble("b")).trouble).toEqual(new Set(["b"]));
  });
});

describe("a candidate against today", () => {
  const today = tried(incident("a", 20, "100.00"), incident("b", 20, "100.00"), incident("honest", 1, "500.00"));
  const own = tried(incident("a", 5, "130.00"), incident("b", 21, "99.00"), incident("honest", 0, "501.00"));
  const { againstToday } = compare(own, today, trouble("a", "b", "c"), opened);

  it("saves what it would have kept from being opened besides, and loses what today's would have; honest business is neither", () => {
    expect([againstToday.saved, againstToday.lost].map(formatMoney)).toEqual(["30.00", "1.00"]);
  });

  it("is earlier or later by seconds, for agents in trouble that both contain", () => {
    expect(againstToday.earlier).toEqual([{ agentId: "a", seconds: 15 }]);
    expect(againstToday.later).toEqual([{ agentId: "b", seconds: 1 }]);
  });

  it("of today itself differs in nothing", () => {
    const same = compare(today, today, trouble("a", "b"), opened).againstToday;
    expect(same).toEqual({ saved: 0n, lost: 0n, earlier: [], later: [] });
  });

  it("is told by the incident where one of the two freezes nothing", () => {
    const halved = tried(incident("a", 30, "0.00", { budget: "halve", frozen: null }));
    const { againstToday } = compare(halved, today, trouble("a"), opened);
    expect(againstToday.later).toEqual([{ agentId: "a", seconds: 10 }]);
    expect(formatMoney(againstToday.lost)).toBe("100.00");
  });
});

describe("a result as it is shown", () => {
  it("has amounts as text, times as ISO 8601 and lengths in seconds, counted to the freeze", () => {
    const widened = incident("a", 10, "50.00", { frozen: place(12), startedAt: 2_000, firstEventAt: 1_500 });
    const one = tried(widened);
    expect(presentTried(one, compare(one, one, trouble("a"), opened)).incidents).toEqual([
      {
        ...{ agentId: "a", signal: "escrow-burst", severity: "critical", rule: "identical-escrows" },
        ...{ decidedBy: "default policy", cascadeId: null, budget: "freeze" },
        event: { line: 11, eventId: "evt-0-10", at: "1970-01-01T00:00:10.000Z" },
        frozen: { line: 13, eventId: "evt-0-12", at: "1970-01-01T00:00:12.000Z" },
        ...{ escrows: 1, locked: "100.00", saved: "50.00", secondsFromStart: 10, secondsFromFirstEvent: 10.5 },
      },
    ]);
  });
});
