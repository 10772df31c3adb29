import { beforeAll, describe, expect, it } from "vitest";
import type { BacktestReport } from "../../../src/cli/backtest/run.ts";
import { busyHour } from "../../../src/sandbox/scenarios/busy-hour.ts";
import { monthEnd } from "../../../src/sandbox/scenarios/month-end.ts";
import { runaway } from "../../../src/sandbox/scenarios/runaway.ts";
import { type Dialect, escrowSaid, type Said, together, traceOf } from "../../support/trace.ts";
import { lastYear, replayed } from "./replaying.ts";

const ROGUE = "procurement-17";
const night = (dialect?: Dialect): Said[] => traceOf(runaway, lastYear, dialect);
/** The end of the busy hour and a while of it, with the escrows that are paid out meanwhile. */
const benign = (): Said[] =>
  together(traceOf(busyHour, lastYear - 3_600_000).slice(60, 200), traceOf(monthEnd, lastYear));

const lax = `
thresholds:
  escrowBurst: { identicalCount: 1000, minimumCount: 1000 }
  payeeConcentration: { count: 1000 }
  costAnomaly: { coldStartPerInterval: "900000.00", minimumFactor: 1000 }`;
const strict = `
thresholds:
  escrowBurst: { identicalCount: 2, identicalWindowMs: 3600000 }
  payeeConcentration: { count: 3, windowMs: 3600000 }`;

/** What the file says of the rogue, counted by hand: escrows of 150 beside one of 420, none of which ends. */
function byHand(lines: readonly Said[], line: number) {
  const own = lines.map(({ body }) => body as { agent_id: string; payload: { amount: string } });
  const cents = (some: typeof own) =>
    some
      .filter(({ agent_id }) => agent_id === ROGUE)
      .reduce((sum, { payload }) => sum + Number(payload.amount) * 100, 0);
  const until = own.slice(0, line);
  return {
    escrows: until.filter(({ agent_id }) => agent_id === ROGUE).length,
    locked: (cents(until) / 100).toFixed(2),
    saved: (cents(own.slice(line)) / 100).toFixed(2),
  };
}

describe("the 2:47 story of last year, among a busy hour and a month's end", () => {
  const lines = together(night(), benign());
  let report: BacktestReport;
  beforeAll(async () => {
    report = await replayed(lines, { candidates: { lax, strict } });
  }, 60_000);

  it("is stopped by the 12th escrow of the loop, by today's settings", () => {
    expect(report.candidates[0]!.incidents).toHaveLength(1);
    const [incident] = report.candidates[0]!.incidents;
    expect(incident).toMatchObject({ agentId: ROGUE, signal: "escrow-burst", severity: "critical", budget: "freeze" });
    expect(incident!.rule).toBe("identical-escrows");
    expect(incident!.escrows - 1).toBeLessThanOrEqual(12);
  });

  it("has as many dollars locked by then, and opened after it, as the file says", () => {
    const [incident] = report.candidates[0]!.incidents;
    const { escrows, locked, saved } = incident!;
    expect({ escrows, locked, saved }).toEqual(byHand(lines, incident!.frozen!.line));
    expect(Number(locked) + Number(saved)).toBe(46_800 + 420);
  });

  it("is timed by its own time: the freeze falls seconds after the loop began, a year ago", () => {
    const { frozen, secondsFromStart, secondsFromFirstEvent } = report.candidates[0]!.incidents[0]!;
    // Eight of the loop, 2.115 s apart.
    expect(secondsFromStart).toBe(14.805);
    expect(secondsFromFirstEvent).toBe(14.805);
    expect(frozen!.at).toBe(new Date(lastYear + 14_805).toISOString());
  });

  it("is missed by thresholds that are too lax, which lose what today's would have saved", () => {
    const { incidents, missed, totals, againstToday } = report.candidates[1]!;
    expect(incidents).toEqual([]);
    expect(missed).toEqual([{ agentId: ROGUE, opened: "47220.00" }]);
    expect(totals).toMatchObject({ missed: 1, saved: "0.00" });
    expect(againstToday).toMatchObject({ saved: "0.00", lost: report.candidates[0]!.totals.saved });
  });

  it("is stopped earlier by thresholds that are too strict, which stop honest business too", () => {
    const { totals, falseFreezes, againstToday, incidents } = report.candidates[2]!;
    expect(falseFreezes.map(({ agentId }) => agentId)).toContain("shop-09");
    expect(Number(totals.blocked)).toBeGreaterThan(0);
    const rogue = incidents.find(({ agentId }) => agentId === ROGUE)!;
    const [own, today] = [rogue.saved, report.candidates[0]!.totals.saved].map(Number);
    expect(againstToday.earlier).toEqual([{ agentId: ROGUE, seconds: expect.any(Number) }]);
    expect(Number(againstToday.saved)).toBe(own! - today!);
  });

  it("says that without a truth everything is relative to today", () => {
    expect(report.truth).toEqual({ kind: "today", trouble: [ROGUE] });
  });
});

describe("benign business of last year", () => {
  it("opens no incident", async () => {
    const report = await replayed(benign());
    expect(report.candidates[0]!.incidents).toEqual([]);
    expect(report.events).toMatchObject({ agents: 2, duplicates: 0, bad: 0 });
  });
});

describe("when somebody says which agents were in trouble", () => {
  it("today's settings are measured against it like any other", async () => {
    const report = await replayed(together(night().slice(0, 40)), { trouble: ["catalog-02"] });
    const { missed, falseFreezes } = report.candidates[0]!;
    expect(missed).toEqual([{ agentId: "catalog-02", opened: "60.00" }]);
    expect(falseFreezes.map(({ agentId }) => agentId)).toEqual([ROGUE]);
  });
});

describe("the same night told otherwise", () => {
  const lines = night().slice(0, 60);
  let straight: BacktestReport;
  beforeAll(async () => {
    straight = await replayed(lines);
  });
  const frozenAt = (report: BacktestReport) => Date.parse(report.candidates[0]!.incidents[0]!.frozen!.at);

  it("gives the same result twice, with every candidate", async () => {
    const candidates = { lax, strict };
    const [once, twice] = [await replayed(lines, { candidates }), await replayed(lines, { candidates })];
    expect(twice).toEqual(once);
    expect(once.candidates[0]).toEqual(straight.candidates[0]);
  });

  it("in the gateway's own dialect comes to the same", async () => {
    const report = await replayed(night("gateway").slice(0, 60));
    const { event: _, frozen: __, ...rest } = straight.candidates[0]!.incidents[0]!;
    expect(report.candidates[0]!.incidents[0]).toMatchObject(rest);
  });

  it("ten times as fast and shuffled within a second comes to the same incident, at most a second away", async () => {
    const fast = lines.map(({ body }, index) => {
      const atMs = lastYear + index * 211;
      return { atMs, body: { ...body, timestamp: atMs / 1_000 } };
    });
    // Each comes late by up to a second, in an order that is the same each time.
    const late = fast.map((said, index) => ({ said, at: said.atMs + ((index * 617) % 1_000) }));
    const shuffled = late.sort((a, b) => a.at - b.at).map(({ said }) => said);
    expect(shuffled).not.toEqual(fast);
    const [sorted, report] = await Promise.all([replayed(fast), replayed(shuffled)]);
    expect(report.candidates[0]!.incidents).toHaveLength(1);
    const [a, b] = [sorted, report].map(({ candidates }) => candidates[0]!.incidents[0]!);
    expect(b).toMatchObject({ agentId: ROGUE, signal: a!.signal, rule: a!.rule });
    expect(Math.abs(frozenAt(report) - frozenAt(sorted))).toBeLessThanOrEqual(1_000);
    expect(Number(b!.locked) + Number(b!.saved)).toBe(Number(a!.locked) + Number(a!.saved));
  });

  it("with every line told three times counts each once", async () => {
    const report = await replayed(lines.flatMap((line) => [line, line, line]));
    expect(report.events).toMatchObject({ lines: 180, events: 60, duplicates: 120 });
    const { escrows, locked, saved } = report.candidates[0]!.incidents[0]!;
    expect(straight.candidates[0]!.incidents[0]).toMatchObject({ escrows, locked, saved });
  });

  it("with escrows that were paid out before the freeze counts only what is locked", async () => {
    const first = lines.find(({ body }) => (body as { agent_id: string }).agent_id === ROGUE)!;
    const { payload } = first.body as { payload: { escrow_id: string; payee: string; amount: string } };
    const paid = escrowSaid({
      ...{ atMs: lastYear + 3_000, escrowId: payload.escrow_id, payer: ROGUE },
      ...{ payee: payload.payee, amount: payload.amount, state: "settled" },
    });
    const report = await replayed(together(lines, [paid]));
    const before = straight.candidates[0]!.incidents[0]!;
    expect(report.candidates[0]!.incidents[0]).toMatchObject({
      escrows: before.escrows - 1,
      locked: (Number(before.locked) - 420).toFixed(2),
    });
  });
});
