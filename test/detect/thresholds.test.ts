import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { conclude, ended, named, newAgent, opened, paid, series, type Told } from "./observing.ts";

/** Both sides of every edge of the rules about money and standing (mission D1 to D6), with the thresholds of no file at all. */

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const MINUTE_MS = 60_000;
type Row = [what: string, told: readonly Told[], expected: readonly string[], settings?: string];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)("%s", async (_, told, expected, settings = "") => {
      expect(named(await conclude(stores, newAgent(), told, { settings }))).toEqual(expected);
    });
  });
}

const used = (pct: number): Told[] => [["budget_threshold", 0, { utilization_pct: pct }]];
table("D1: a budget", [
  ["79.99 % used is nothing", used(79.99), []],
  ["80 % is a warning", used(80), ["budget-warning/warning"]],
  ["94.99 % is a warning", used(94.99), ["budget-warning/warning"]],
  ["95 % is exhausted", used(95), ["budget-exhaustion/critical"]],
]);

const delta = (score_delta: number): Told[] => [["reputation_change", 0, { score_delta }]];
const scores = (...all: (number | null)[]): Told[] =>
  all.map((score, index) => ["reputation_reading", index * 30_000, { score }]);
const given = "fleet: { agents: [{ id: AGENT, reputationBaseline: 0.85 }] }";
table("D2: a reputation", [
  ["that fell by 0.15 at once is nothing", delta(-0.15), []],
  ["by 0.1501 is a warning", delta(-0.1501), ["reputation-drift/warning"]],
  ["by 0.3 is a warning", delta(-0.3), ["reputation-drift/warning"]],
  ["by 0.3001 is critical", delta(-0.3001), ["reputation-drift/critical"]],
  ["read 14.99 % below the first reading is nothing", scores(0.85, 0.7226), []],
  ["15 % below is a warning", scores(0.85, 0.7225), ["reputation-drift/warning"]],
  ["29.99 % below is a warning", scores(0.85, 0.5951), ["reputation-drift/warning"]],
  ["30 % below is critical", scores(0.85, 0.595), ["reputation-drift/critical"]],
  ["that nobody computed is unknown, and no baseline", scores(null, null, 0.5, null), []],
  ["of zero is no baseline, and a drop to it is one", scores(0, 0.8, 0), ["reputation-drift/critical"]],
]);

/** Ten minutes, each with one payment of this much; the eleventh is at 0. */
const history = (amounts: readonly string[]): Told[] =>
  amounts.map((amount, index) => opened((index - amounts.length) * MINUTE_MS, amount, `supplier-${index}`));
const even = (count: number, amount: string) => history(Array.from({ length: count }, () => amount));
/** Median 100, MAD 80: the limit is 100 + 2 x 1.4826 x 80 = 337.216. */
const uneven = history(["20", "20", "20", "20", "20", "100", "180", "180", "180", "180"]);
const warned = ["cost-anomaly/warning"];
const alarmed = ["cost-anomaly/critical"];
const both = [...alarmed, ...warned];
table("D3: spending in a minute of an agent we hardly know", [
  ["of 5000.00 is nothing", [opened(0, "5000.00")], []],
  ["of 5000.01 is a warning", [opened(0, "5000.01")], warned],
  ["of 10000.00 is a warning", [opened(0, "10000.00")], warned],
  ["of 10000.01 is critical", [opened(0, "10000.01")], alarmed],
  ["paid without an escrow counts the same", [opened(0, "4000.00"), paid(10, "-1000.01")], warned],
  ["is of one minute by the clock, to its last millisecond", [opened(0, "3000.00"), opened(59_999, "3000.00")], warned],
  ["and not of two", [opened(0, "3000.00"), opened(60_000, "3000.00")], []],
  ["of 10000.01 is a warning in two payments", batch("10000.00", "0.01"), warned],
  ["paid without an escrow and in one is critical all the same", [paid(0, "-10000.01")], alarmed],
]);
/** As many payments to one payee, a second apart. */
const repeated = (...amounts: readonly string[]) =>
  amounts.map((amount, index) => opened(index * 1_000, amount, "mallory"));
table("D3: spending in a minute of an agent we know", [
  ["is measured by its own from the 10th sample on", [...even(10, "100.00"), opened(0, "600.01")], warned],
  ["and not before", [...even(9, "100.00"), opened(0, "600.01")], []],
  ["of three times its median is nothing", [...even(10, "100.00"), opened(0, "300.00")], []],
  ["above that is a warning", [...even(10, "100.00"), opened(0, "300.01")], warned],
  ["of twice that is a warning", [...even(10, "100.00"), ...repeated("200", "200", "200.00")], warned],
  ["above twice that is critical", [...even(10, "100.00"), ...repeated("200", "200", "200.01")], both],
  ["within 2 sigma is nothing", [...uneven, opened(0, "337.21")], []],
  ["above 2 sigma is a warning", [...uneven, opened(0, "337.22")], warned],
  ["up to twice that threshold is a warning", [...uneven, ...repeated("224.81", "224.81", "224.81")], warned],
  ["above it is critical", [...uneven, ...repeated("224.81", "224.81", "224.82")], both],
  ["is nothing below 100.00, however unusual", [...even(10, "10.00"), ...repeated("40", "30", "29.99")], []],
  ["and from there on it is something", [...even(10, "10.00"), ...repeated("40", "30", "30.00")], alarmed],
  ["paid twice is a purchase and its correction", [...even(10, "100.00"), ...repeated("300.01", "300.01")], warned],
  [
    "with three fifths of it repeated is critical",
    [...even(10, "100.00"), opened(0, "100.00", "shop"), ...repeated("300.00", "300.00", "300.00")],
    both,
  ],
  [
    "with less than that repeated is a warning",
    [...even(10, "100.00"), opened(0, "100.01", "shop"), ...repeated("300.00", "300.00", "300.00")],
    warned,
  ],
  ["in a single payment is a warning up to 10000.00", [...even(10, "100.00"), opened(0, "10000.00")], warned],
  ["and critical above that", [...even(10, "100.00"), opened(0, "10000.01")], alarmed],
  ["unless it is usual for the agent", [...even(10, "4000.00"), opened(0, "24000.00")], warned],
  ["and not twice as much as usual", [...even(10, "4000.00"), opened(0, "24000.01")], alarmed],
]);
const absolute = "thresholds: { costAnomaly: { absolutePerInterval: '500.00' } }";
table("D3: with a limit of 500.00 per interval beside the baseline, spending", [
  ["of 500.00 is nothing", [opened(0, "500.00")], [], absolute],
  ["of 500.01 is a warning", [opened(0, "500.01")], warned, absolute],
  ["of 1000.00 is a warning", [opened(0, "1000.00")], warned, absolute],
  ["of 1000.01 is critical", [opened(0, "1000.01")], alarmed, absolute],
]);

/** Three payments in a minute. */
function batch(...amounts: readonly string[]): Told[] {
  return amounts.map((amount, index) => opened(index * 10, amount, `payee-${index}`));
}

const identical = (count: number, everyMs: number) => series(count, everyMs, (atMs) => opened(atMs, "15.00"));
/** Eight payments of this sum to one payee, no two the same, and two cents too many where asked. */
const burst = (cents: string) => [
  ...series(7, 1_000, (atMs, index) => opened(atMs, `${600 + index}.00`)),
  opened(8_000, `779.${cents}`),
];
const eightOf = (toTop: number, others: number) => [
  ...series(4, 1_000, (atMs, index) => opened(atMs, String(others), `other-${index}`)),
  ...series(8, 1_000, (atMs, index) => opened(atMs, `${toTop - 4 + index}.50`)),
];
const loop = ["escrow-burst/critical"];
table("D4: escrows of one amount to one payee", [
  ["7 within a minute are nothing", identical(7, 1_000), []],
  ["8 are a retry loop", identical(8, 1_000), loop],
  ["8 within 60000 ms are one", [...identical(7, 1_000), opened(60_000, "15.00")], loop],
  ["8 within 60001 ms are none", [...identical(7, 1_000), opened(60_001, "15.00")], []],
  ["are none where one of them had settled by then", settling(6_999), []],
  ["and are one where it settled after", settling(7_001), loop],
]);
table("D4: principal within a minute, of different amounts to one payee", [
  ["5000.00 are nothing", burst("00"), []],
  ["5000.01 are a burst", burst("01"), ["cost-anomaly/warning", ...loop]],
  [
    "in 7 escrows are none",
    [...series(6, 1_000, (atMs, index) => opened(atMs, `${600 + index}.00`)), opened(7_000, "1400.00")],
    warned,
  ],
  ["with 80 % to one payee are one", eightOf(600, 300), ["cost-anomaly/warning", ...loop]],
  ["with less than 80 % are none", eightOf(600, 301), warned],
  ["of four times its own limit are none", [...even(10, "100.00"), ...cents(0)], ["cost-anomaly/warning"]],
  [
    "above four times its own limit are one",
    [...even(10, "100.00"), ...cents(1)],
    ["cost-anomaly/critical", "cost-anomaly/warning", ...loop],
  ],
]);

/** Eight escrows, no two the same, of 600.00 in all and so many cents. */
function cents(more: number): Told[] {
  return series(8, 1_000, (atMs, index) =>
    opened(atMs, `${71 + index}.${index === 7 ? `0${more}` : index < 4 ? "50" : "00"}`),
  ).map((told, index) => (index === 0 ? opened(0, "73.50") : told));
}

/** Eight identical escrows within 7 s, the third of which settles then. */
function settling(atMs: number): Told[] {
  const all = identical(8, 1_000);
  return [...all.slice(0, 3), ended(all[2]!, atMs, "released"), ...all.slice(3)];
}

const toOne = (count: number, lastMs: number) => [
  ...series(count - 1, 25_000, (atMs, index) => opened(atMs, `${index + 1}.00`)),
  opened(lastMs, "90.00"),
];
table("D5: escrows to one payee", [
  ["10 within 5 min are nothing", toOne(10, 300_000), []],
  ["11 are too many", toOne(11, 300_000), ["payee-concentration/critical"]],
  ["11 within 300001 ms are nothing", toOne(11, 300_001), []],
]);

/** So many escrows to different payees, one a second; the first of them cancelled within the minute. */
function churn(count: number, cancelled: number, status = "cancelled"): Told[] {
  const all = series(count, 1_000, (atMs, index) => opened(atMs, `${index + 1}.00`, `payee-${index}`));
  return [...all, ...all.slice(0, cancelled).map((one, index) => ended(one, 30_000 + index, status))];
}
/** Ten escrows, five cancelled at 0, four never, the last one cancelled at `lastMs`. */
function slowChurn(lastMs: number): Told[] {
  const all = series(10, 1_000, (atMs, index) => opened(atMs - 60_000, `${index + 1}.00`, `payee-${index}`));
  const later = series(4, 1_000, (atMs, index) => opened(atMs + MINUTE_MS, `${index + 50}.00`, `other-${index}`));
  return [
    ...all.slice(0, 6),
    ...all.slice(0, 5).map((one) => ended(one, 0, "refunded")),
    ...later,
    ended(all[5]!, lastMs, "refunded"),
  ];
}
const churning = ["cancellation-rate/critical"];
table("D6: cancelled escrows", [
  ["5 of 10 are nothing", churn(10, 5), []],
  ["6 of 10 are too many", churn(10, 6), churning],
  ["9 of 9 are too few to say", churn(9, 9), []],
  ["6 of 10 within the hour are too many, to its last millisecond", slowChurn(3_600_000), churning],
  ["and not a millisecond longer", slowChurn(3_600_001), []],
  ["that timed out are not cancelled", churn(10, 10, "expired"), []],
]);

describe("D2: with a baseline in the settings", () => {
  it("the first score that is seen may already be a drop", async () => {
    const agent = newAgent();
    const settings = given.replace("AGENT", agent);
    expect(named(await conclude(stores, agent, scores(0.595), { settings }))).toEqual(["reputation-drift/critical"]);
    expect(named(await conclude(stores, newAgent(), scores(0.595), { settings }))).toEqual([]);
  });
});

describe("D1: a budget that a poller read", () => {
  it("is judged like one that a webhook told of", async () => {
    const polled = await conclude(stores, newAgent(), used(95), { source: "poller" });
    expect(named(polled)).toEqual(["budget-exhaustion/critical"]);
  });
});
