import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { formatMoney, money } from "../../../src/incident/money.ts";
import { inStep } from "../../../src/learn/post-mortem/gateway-clock.ts";
import { impactOf } from "../../../src/learn/post-mortem/impact.ts";
import { aRecovery } from "../../support/recoveries.ts";
import { anIncident, escrow, everyTwoSeconds, evidenceOf, NIGHT, seconds, theLoop } from "./an-incident.ts";

const MINUTE = 60_000;
const impact = (
  given: Partial<IncidentView> = {},
  parts: Record<string, unknown> = evidenceOf({}),
  humanResponseMs = 27 * MINUTE,
) => impactOf({ incident: anIncident(given), parts, firstAnomalyAt: NIGHT, clock: inStep, humanResponseMs });
const prevented = (...given: Parameters<typeof impact>) => impact(...given).prevented;
/** Nine escrows in the 16 s before the freeze, and a full wallet. */
const night = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "48650.00" });

describe("what an incident cost (F2)", () => {
  it("adds up in exact decimals what was locked, came back, was lost and is still held", () => {
    const escrows = [
      escrow(1, "recovered", "0.10"),
      escrow(2, "recovered", "0.20"),
      escrow(3, "lost", "0.00000001"),
      escrow(4, "held", "7.00"),
      escrow(5, "failed", "1.00"),
      escrow(6, "skipped", "999.00"),
    ];
    const { locked, recovered, lost, stillHeld } = impact({ escrows, dollars: anIncident({ escrows }).dollars });
    expect([locked, recovered, lost, stillHeld].map(({ amount }) => amount)).toEqual([
      ...["8.30000001", "0.30", "0.00000001", "8.00"],
    ]);
  });

  it("counts as spent what left the account between the first anomaly and the freeze, and escrows that were paid out", () => {
    const parts = evidenceOf({
      escrows: [
        { id: "esc-1", at: seconds(4), state: "settled", amount: "20.00" },
        { id: "esc-2", at: seconds(5), state: "settled", amount: "3.00" },
        { id: "early", at: NIGHT - 1_000, state: "settled", amount: "500.00" },
        { id: "late", at: seconds(17), state: "settled", amount: "500.00" },
      ],
      transactions: [
        { at: seconds(3), amount: "-2.25", description: "gateway:create_escrow" },
        { at: seconds(3), amount: "-150.00", description: "escrow_hold:procurement-17->flaky-upstream" },
        { at: seconds(9), amount: "-40.00", description: "withdraw:bank" },
        { at: seconds(9), amount: "12.00", description: "deposit:bank" },
        { at: seconds(17), amount: "-9.00", description: "withdraw:bank" },
        { at: NIGHT - 1_000, amount: "-9.00", description: "withdraw:bank" },
      ],
    });
    // esc-2 is counted as lost already.
    const { spent, fees } = impact({ escrows: [escrow(2, "lost", "3.00")] }, parts);
    expect([spent.amount, fees.amount]).toEqual(["62.25", "2.25"]);
  });

  it("counts the escrow that the first event told of, opened just before it, and none that no event names", () => {
    const firstAnomalyAt = NIGHT + 368;
    const money = { state: "settled", amount: "20.00" };
    const parts = evidenceOf({
      escrows: [
        { id: "esc-first", at: firstAnomalyAt - 3, ...money },
        { id: "esc-other", at: firstAnomalyAt - 2, ...money },
        { id: "esc-long-ago", at: firstAnomalyAt - 1_001, ...money },
      ],
      transactions: [],
    });
    const told = (id: string) => ({
      ...{ id: `evt-${id}`, type: "escrow_state_change", source: "gateway", receivedAt: 1, occurredAt: firstAnomalyAt },
      body: JSON.stringify({ data: { escrow_id: id } }),
    });
    const spentIn = (...named: string[]) => {
      const taken = { ...(parts["at-containment"] as object), events: named.map(told) };
      const given = { incident: anIncident({ escrows: [] }), parts: { "at-containment": taken }, firstAnomalyAt };
      return impactOf({ ...given, clock: inStep, humanResponseMs: MINUTE }).spent.amount;
    };
    expect(spentIn()).toBe("0.00");
    expect(spentIn("esc-other")).toBe("20.00");
    expect(spentIn("esc-first")).toBe("40.00");
    expect(spentIn("esc-long-ago")).toBe("0.00");
  });

  it("counts a row of a whole second where its second does, and one with milliseconds by them", () => {
    const firstAnomalyAt = NIGHT + 368;
    const fee = (at: number) => ({ at, amount: "-1.00", description: "gateway:create_escrow" });
    const counted = (at: number) => {
      const parts = evidenceOf({ escrows: [], transactions: [fee(at)] });
      return impactOf({ incident: anIncident(), parts, firstAnomalyAt, clock: inStep, humanResponseMs: MINUTE }).fees
        .amount;
    };
    expect(counted(firstAnomalyAt - 61)).toBe("0.00");
    expect(counted(firstAnomalyAt)).toBe("1.00");
    expect(counted(NIGHT)).toBe("1.00");
    expect(counted(NIGHT - 1_000)).toBe("0.00");
  });

  it("says of what the gateway did not show that it is not known, never that it is nothing", () => {
    const { spent, fees } = impact({}, evidenceOf({ escrows: [] }));
    expect([spent.amount, fees.amount]).toEqual([null, null]);
    expect(spent.why).toBe("The gateway did not show its transactions.");
    expect(prevented({}, evidenceOf({ transactions: [] }))).toMatchObject({ amount: null, inputs: null });
  });
});

describe("what was prevented (F2)", () => {
  it("is the pace before the freeze times the time until a person came, by the setting where nobody acknowledged", () => {
    // 1,350.00 within 16 s, spread over a whole minute, for 27 minutes.
    expect(prevented({}, night)).toMatchObject({
      amount: formatMoney(money(1350 * 27)),
      inputs: {
        ...{ principal: "1350.00", payments: 9, payees: ["flaky-upstream"], windowMs: 60_000, perMinute: "1350.00" },
        ...{ humanMs: 27 * MINUTE, humanBasis: "assumed", trend: "36450.00", available: "47300.00" },
      },
    });
  });

  it("counts over the time it really took where that is longer than a minute, down to a whole cent", () => {
    const parts = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "48650.00" });
    // 1,350.00 x 27 min / 97 s = 22,546.3917..
    expect(prevented({ effectiveAt: seconds(97) }, parts)).toMatchObject({
      amount: "22546.39",
      inputs: { windowMs: 97_000 },
    });
  });

  it("counts from the freeze to the acknowledgement where there was one, and nothing where it came first", () => {
    const at = (sec: number) => ({ acknowledged: { by: "ada", at: seconds(sec) } });
    expect(prevented(at(16 + 120), night)).toMatchObject({ amount: "2700.00", inputs: { humanBasis: "acknowledged" } });
    expect(prevented(at(15), night)).toMatchObject({ amount: "0.00", inputs: { humanMs: 0 } });
    expect(prevented(at(15), night).why).toContain("A person was there before the freeze");
  });

  it("takes it that a person was there when one asked to bring the agent back, unless the assumption is earlier", () => {
    const asked = (sec: number) => ({ recovery: aRecovery({ askedAt: seconds(sec) }) });
    expect(prevented(asked(16 + 180), night).inputs).toMatchObject({ humanMs: 3 * MINUTE, humanBasis: "acted" });
    expect(prevented(asked(16 + 7_200), night).inputs).toMatchObject({ humanMs: 27 * MINUTE, humanBasis: "assumed" });
    // To ask acknowledges it too, hours later: nobody says that the loop would have run for hours.
    const late = { ...asked(16 + 7_200), acknowledged: { by: "ada", at: seconds(16 + 7_200) } };
    expect(prevented(late, night).inputs).toMatchObject({ humanMs: 27 * MINUTE, humanBasis: "assumed" });
  });

  it("is never more than the wallet held, without what had come back by then", () => {
    const parts = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "1500.00" });
    expect(prevented({}, parts)).toMatchObject({
      amount: "150.00",
      inputs: { trend: "36450.00", available: "150.00" },
    });
    const empty = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "1.00" });
    expect(prevented({}, empty)).toMatchObject({ amount: "0.00", inputs: { available: "0.00" } });
  });

  it("is not bounded where nobody could say what the wallet held, and says so", () => {
    const { amount, assumptions } = prevented({}, evidenceOf({ escrows: everyTwoSeconds(9), transactions: [] }));
    expect(amount).toBe("36450.00");
    expect(assumptions.join(" ")).toContain("What was left in the wallet is not known");
  });

  it("counts what went to the suspect payee alone where every rule names one, else all that the agent paid, fees aside", () => {
    const other = { id: "esc-99", at: seconds(3), payee: "paper-mill", amount: "420.00" };
    const transactions = [
      { at: seconds(4), amount: "-30.00", description: "withdraw:bank" },
      { at: seconds(4), amount: "-2.25", description: "gateway:create_escrow" },
    ];
    const parts = evidenceOf({ escrows: [...everyTwoSeconds(9), other], transactions, balance: "100000.00" });
    expect(prevented({}, parts).inputs).toMatchObject({ principal: "1350.00", payments: 9 });
    const signals = [theLoop(), theLoop({ id: "sig-2", kind: "cost-anomaly", suspectPayee: null })];
    expect(prevented({ signals }, parts).inputs).toMatchObject({ principal: "1800.00", payments: 11, payees: null });
  });

  it("leaves out what was opened before the first anomaly, after the freeze, or at no known time", () => {
    const escrows = [
      { id: "before", at: NIGHT - 1 },
      { id: "first", at: NIGHT },
      { id: "last", at: seconds(16) },
      { id: "after", at: seconds(16) + 1 },
      { id: "untimed", at: undefined },
    ];
    expect(prevented({}, evidenceOf({ escrows })).inputs).toMatchObject({ principal: "300.00", payments: 2 });
  });

  it.each<[string, Partial<IncidentView>, RegExp]>([
    ["a false alarm", { standDown: { by: "ada", reason: "planned", askedAt: 1 } }, /meant to be spent/],
    ["a dry run", { dryRun: true }, /dry run/],
    [
      "no signal about money",
      { signals: [theLoop({ kind: "data-exfiltration" })] },
      /spending was out of the ordinary/,
    ],
    ["no freeze", { runbooks: ["service-degradation"] }, /smaller budget/],
    ["a freeze that never took effect", { effectiveAt: null }, /never seen to take effect/],
  ])("is nothing, and says why: %s", (_, given, why) => {
    expect(prevented(given, night)).toMatchObject({ amount: "0.00", inputs: null, why: expect.stringMatching(why) });
  });

  it("says so where the agent committed nothing in that time", () => {
    expect(prevented({}, evidenceOf({ escrows: [], balance: "5.00" }))).toMatchObject({
      amount: "0.00",
      inputs: null,
      why: "The agent committed no money between the first anomaly and the freeze.",
    });
  });

  it("is an amount that is not negative, whatever the times and amounts, and never above its two bounds", () => {
    const cents = fc.integer({ min: 0, max: 1_000_000 }).map((n) => formatMoney(money((n / 100).toFixed(2))));
    const at = fc.integer({ min: -600, max: 7_200 }).map(seconds);
    const rows = fc.array(fc.record({ id: fc.string({ minLength: 1 }), at, amount: cents }), { maxLength: 20 });
    const cases = fc.record({ rows, balance: fc.option(cents, { nil: undefined }), freeze: at, human: at });
    fc.assert(
      fc.property(cases, ({ rows: escrows, balance, freeze, human }) => {
        const parts = evidenceOf({ escrows, transactions: [], ...(balance === undefined ? {} : { balance }) });
        const { amount, inputs } = prevented({ effectiveAt: freeze, acknowledged: { by: "ada", at: human } }, parts);
        expect(amount).toMatch(/^\d+\.\d\d$/);
        if (inputs === null) return;
        const [trend, found] = [money(inputs.trend), money(amount!)];
        expect(found <= trend && (inputs.available === null || found <= money(inputs.available))).toBe(true);
        // The sum again, in whole numbers: committed x time until a person / time it was counted over, cut to cents.
        const again = (money(inputs.principal) * BigInt(inputs.humanMs)) / BigInt(inputs.windowMs) / 1_000_000n;
        expect(trend).toBe(again * 1_000_000n);
      }),
      { seed: 247, numRuns: 200 },
    );
  });
});
