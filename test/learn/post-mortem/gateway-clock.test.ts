import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { compose } from "../../../src/learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../../src/learn/post-mortem/post-mortem-text.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { anIncident, escrow, evidenceOf, NIGHT, seconds, theLoop } from "./an-incident.ts";

const { learn } = readSettings(undefined, {});
const MINUTES = 60_000;

/**
 * Three payments of 12,000.00 in the 12 s before the freeze, which was at 16 s, and one long before and one after it, all by a clock that
 * runs ahead. measured: what the `Date` of its answers said; undefined where nobody looked yet.
 */
function paidOut(aheadMs: number, measured: number | null | undefined, given: Partial<IncidentView> = {}) {
  const there = (sec: number) => seconds(sec) + aheadMs;
  const transactions = [4, 8, 12, -600, 20].map((sec) => ({
    ...{ at: there(sec) + 250, amount: "-12000.00", description: "payment:int-1" },
  }));
  const evidence = evidenceOf({ escrows: [], transactions, balance: "64000.00" })["at-containment"] as object;
  const about = { type: "transaction_recorded", source: "poller", body: "{}" };
  const events = [{ id: "evt-0-1", ...about, receivedAt: seconds(13), occurredAt: there(4) + 250 }];
  const taken = { takenAt: seconds(22), ...(measured !== undefined && { gatewayAheadMs: measured }) };
  const { startedAt: _, ...loop } = theLoop({ kind: "cost-anomaly", suspectPayee: null, occurredAt: there(4) + 250 });
  const signals = [{ ...loop, why: { ...loop.why, thresholds: { intervalMs: 60_000 }, events: ["evt-0-1"] } }];
  const incident = anIncident({ signals, escrows: [], receivedAt: seconds(15), openedAt: seconds(15), ...given });
  const parts = { "at-containment": { ...evidence, ...taken, events } };
  return compose({ incident, parts, cascade: null, now: seconds(300), learn });
}
const inStep = paidOut(0, 0);

describe("a gateway whose clock is not ours", () => {
  it("and whose answers say by how much has its times corrected, ahead or behind", () => {
    expect(inStep.impact.spent).toMatchObject({ amount: "36000.00", why: expect.not.stringContaining("clock") });
    expect(inStep.timeline).toMatchObject({ durations: { detect: { ms: 10_750 } } });
    for (const aheadMs of [90_000, -90_000, 600_000, -600_000, 2_001]) {
      const { impact, timeline } = paidOut(aheadMs, aheadMs);
      expect([aheadMs, impact.spent.amount, impact.prevented.amount]).toEqual([
        ...[aheadMs, "36000.00", inStep.impact.prevented.amount],
      ]);
      expect([timeline.firstAnomalyAt, timeline.durations.detect.ms]).toEqual([inStep.timeline.firstAnomalyAt, 10_750]);
      expect(impact.spent.why).toMatch(
        /The gateway's clock ran .* (ahead of|behind) ours; its times are corrected by that\.$/,
      );
      expect(impact.prevented.assumptions.join(" ")).toContain("The gateway's clock ran");
    }
  });

  it("and shows whole seconds only has each count where its second does, by our clock too", () => {
    const aheadMs = 90_400;
    const fee = { at: Math.floor((NIGHT + aheadMs) / 1_000) * 1_000, amount: "-1.00", description: "gateway:pay" };
    const evidence = evidenceOf({ escrows: [], transactions: [fee] })["at-containment"] as object;
    const parts = { "at-containment": { ...evidence, takenAt: seconds(19), gatewayAheadMs: aheadMs } };
    const { fees } = compose({ incident: anIncident(), parts, cascade: null, now: seconds(300), learn }).impact;
    expect(fees.amount).toBe("1.00");
  });

  it("and says so to the second only loses no payment right before the freeze for it", () => {
    // The last payment was 400 ms before the freeze, and the Date puts it 90 ms after.
    const paidAt = seconds(16) - 400;
    const of = (measured: number, receivedAt: number) => {
      const payment = { at: paidAt - 90_000, amount: "-40.00", description: "payment:int-1" };
      const evidence = evidenceOf({ escrows: [], transactions: [payment] })["at-containment"] as object;
      const told = { id: "evt-0-0", type: "transaction_recorded", source: "webhook", body: "{}" };
      const events = [{ ...told, receivedAt, occurredAt: paidAt - 90_000 }];
      const parts = { "at-containment": { ...evidence, takenAt: seconds(19), gatewayAheadMs: measured, events } };
      return compose({ incident: anIncident(), parts, cascade: null, now: seconds(300), learn }).impact.spent;
    };
    expect(of(-90_490, seconds(18)).amount).toBe("40.00");
    // An event that arrived the moment it happened tells it better than a Date that is a second off.
    expect(of(-91_000, paidAt)).toMatchObject({ amount: "40.00", why: expect.stringContaining("1 min 30 s behind") });
  });

  it("and differs by two seconds or less is in step", () => {
    for (const measured of [2_000, -2_000]) {
      const { impact, timeline } = paidOut(0, measured);
      expect(impact.spent).toEqual(inStep.impact.spent);
      expect(timeline.firstAnomalyAt).toBe(inStep.timeline.firstAnomalyAt);
    }
  });

  it("and shows payments before they happened, which no Date explains, has nothing claimed of it: it is not known", () => {
    for (const measured of [0, null, undefined]) {
      const document = paidOut(90_000, measured);
      const { impact, summary, timeline } = document;
      const said =
        /^The gateway's clock runs at least 1 min 28 s ahead of ours, and its times cannot be held against ours\.$/;
      for (const figure of [impact.spent, impact.fees, impact.prevented])
        expect(figure).toMatchObject({ amount: null, why: expect.stringMatching(said) });
      expect(timeline.durations.detect).toMatchObject({ ms: null, why: expect.stringContaining("Not known.") });
      expect(summary.cost.join(" ")).toContain("is not known: the gateway's clock runs at least 1 min 28 s ahead");
      expect(renderPostMortem(document)).not.toMatch(/No money was lost|committed no money|Nothing else was paid out/);
    }
  });

  it("and took an escrow back before it was asked to runs behind, and only that much is said", () => {
    const escrows = [escrow(1, "recovered")];
    const refund = (at: number) => ({ at, amount: "150.00", description: "escrow_refund:esc-1" });
    const paid = { at: seconds(8) - 90_000, amount: "-40.00", description: "payment:int-1" };
    const of = (at: number) => {
      const evidence = evidenceOf({ escrows: [], transactions: [refund(at), paid] })["at-containment"] as object;
      const parts = { "at-containment": { ...evidence, takenAt: seconds(19), gatewayAheadMs: 0 } };
      return compose({ incident: anIncident({ escrows }), parts, cascade: null, now: seconds(300), learn }).impact
        .spent;
    };
    expect(of(seconds(17) - 90_000)).toMatchObject({ amount: null, why: expect.stringContaining("1 min 28 s behind") });
    expect(of(seconds(17)).amount).toBe("0.00");
  });

  it("and whose own rows bound it from both sides needs no Date", () => {
    const [aheadMs, escrows] = [90_000, [escrow(1, "recovered")]];
    const evidence = evidenceOf({
      escrows: [],
      transactions: [
        { at: seconds(16) + aheadMs, amount: "150.00", description: "escrow_refund:esc-1" },
        { at: seconds(8) + aheadMs, amount: "-40.00", description: "payment:int-1" },
      ],
    })["at-containment"] as object;
    const parts = { "at-containment": { ...evidence, takenAt: seconds(17), gatewayAheadMs: 0 } };
    const { spent } = compose({
      incident: anIncident({ escrows }),
      parts,
      cascade: null,
      now: seconds(300),
      learn,
    }).impact;
    expect(spent).toMatchObject({ amount: "40.00", why: expect.stringContaining("1 min 30 s ahead of ours") });
  });

  it("is no reason to doubt a zero where nothing was paid at all", () => {
    const deposit = { at: seconds(90), amount: "500.00", description: "deposit:bank" };
    const evidence = evidenceOf({ escrows: [], transactions: [deposit] })["at-containment"] as object;
    const parts = { "at-containment": { ...evidence, takenAt: seconds(22), gatewayAheadMs: 0 } };
    const incident = anIncident({ escrows: [] });
    const { spent } = compose({ incident, parts, cascade: null, now: seconds(300), learn }).impact;
    expect(spent).toMatchObject({ amount: "0.00", why: expect.stringContaining("at least 1 min 8 s ahead") });
  });

  it("leaves what an agent told of itself, by its own clock, as it is", () => {
    const told = { id: "evt-0-1", type: "tool_call", source: "activity", bytes: 1, sha256: "0" };
    const events = [{ ...told, receivedAt: seconds(9), occurredAt: seconds(3) }];
    const parts = { "at-containment": { takenAt: seconds(22), gatewayAheadMs: 2 * MINUTES, events } };
    const { startedAt: _, ...loop } = theLoop({ kind: "tool-call-burst", occurredAt: seconds(3) });
    const incident = anIncident({ signals: [{ ...loop, why: { ...loop.why, events: ["evt-0-1"] } }] });
    const { timeline } = compose({ incident, parts, cascade: null, now: seconds(300), learn });
    expect(timeline.firstAnomalyAt).toBe(new Date(seconds(3)).toISOString());
  });
});
