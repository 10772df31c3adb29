import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { compose } from "../../../src/learn/post-mortem/post-mortem.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { anIncident, evidenceOf, seconds, theLoop } from "./an-incident.ts";

const { learn } = readSettings(undefined, {});
const paid = (sec: number) => ({ at: seconds(sec), amount: "-12010.00", description: "payment:int-1" });
/** The newest payment was judged first, and the gateway lists the newest first. */
const incident = (given: Partial<IncidentView["signals"][number]> = {}) => {
  const { startedAt: _, ...loop } = theLoop();
  const why = { ...loop.why, rule: "cost-anomaly", thresholds: { intervalMs: 60_000, limitPerInterval: "50.00" } };
  const signals = [
    { ...loop, kind: "cost-anomaly" as const, suspectPayee: null, occurredAt: seconds(12), why, ...given },
  ];
  return anIncident({ signals, escrows: [] });
};
const of = (
  from: IncidentView,
  transactions: ReturnType<typeof paid>[],
  escrows: { id: string; at: number }[] = [],
) => {
  const parts = evidenceOf({ escrows, transactions, balance: "64000.00" });
  return compose({ incident: from, parts, cascade: null, now: seconds(300), learn });
};

describe("an agent that pays out directly, and whose newest payment was judged first", () => {
  it("has its trouble begin with the first payment of that minute, and all of them counted", () => {
    const { timeline, impact } = of(incident(), [paid(12), paid(10), paid(8)]);
    expect(timeline.firstAnomalyAt).toBe(new Date(seconds(8)).toISOString());
    expect(impact.spent).toMatchObject({ amount: "36030.00", why: expect.stringContaining("3 payments") });
    expect(impact.prevented.inputs).toMatchObject({ principal: "36030.00", payments: 3 });
  });

  it("has what it paid before that minute, and after the freeze, left out", () => {
    const { timeline, impact } = of(incident(), [paid(17), paid(12), paid(0), paid(-1)]);
    expect(timeline.firstAnomalyAt).toBe(new Date(seconds(0)).toISOString());
    expect(impact.spent.amount).toBe("24020.00");
  });

  it("has the escrows of that minute counted as well: they are what was judged", () => {
    expect(of(incident(), [paid(12)], [{ id: "esc-1", at: seconds(3) }]).impact.prevented.inputs).toMatchObject({
      ...{ principal: "12160.00", payments: 2 },
    });
  });
});

it("what no rule judged by the interval begins when its first event happened, whatever was paid before", () => {
  const { timeline } = of(incident({ kind: "payee-concentration" }), [paid(12), paid(8)]);
  expect(timeline.firstAnomalyAt).toBe(new Date(seconds(12)).toISOString());
});
