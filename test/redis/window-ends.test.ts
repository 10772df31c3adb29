import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatMoney } from "../../src/incident/money.ts";
import type { EndedEscrow, Outflow } from "../../src/incident/windows.ts";
import { escrows, MINUTE_MS, noon } from "../detect/rules/windows.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const [opened] = escrows(1);
const end = (given: Partial<EndedEscrow> = {}): EndedEscrow => ({
  escrowId: opened!.escrowId,
  payee: null,
  amount: null,
  state: "refunded",
  at: noon + 30_000,
  eventId: "evt-0-end",
  ...given,
});
const held = (escrowId: string, result: string) =>
  ({ escrowId, payee: "p", amount: "1.00", result, reason: "" }) as never;

describe("when an escrow ends", () => {
  const whole = { ...opened!, end: { state: "refunded", at: noon + 30_000, eventId: "evt-0-end", isOurs: false } };

  it("its window knows both, whichever is told first", async () => {
    await stores.windows.observeEscrow("agent-1", opened!);
    expect((await stores.windows.observeEnd("agent-1", end())).entries).toEqual([whole]);
    await stores.windows.observeEnd("agent-2", end());
    const view = await stores.windows.observeEscrow("agent-2", opened!);
    expect(view.entries).toEqual([whole]);
    expect(formatMoney(view.principalByMinute.get(noon / MINUTE_MS)!)).toBe("150.00");
  });

  it("it is the same escrow though its opening bears a slightly later time", async () => {
    await stores.windows.observeEnd("agent-17", end({ at: noon - 10_000 }));
    expect((await stores.windows.observeEscrow("agent-17", opened!)).escrows).toHaveLength(1);
  });

  it("it ended once, at the earliest time that was told, whoever tells of it again", async () => {
    const reports = [end({ at: noon + 31_000, eventId: "evt-0-later" }), end(), end({ at: noon + 90_000 })];
    for (const [agentId, told] of [
      ["agent-3", reports],
      ["agent-4", [...reports].reverse()],
    ] as const) {
      await stores.windows.observeEscrow(agentId, opened!);
      for (const report of told) await stores.windows.observeEnd(agentId, report);
      expect((await stores.windows.observeEscrow(agentId, opened!)).escrows).toMatchObject([{ end: whole.end }]);
    }
  });

  it("an end of which we never saw the beginning is an escrow too, and takes its payee from whoever names one", async () => {
    await stores.windows.observeEnd("agent-5", end());
    const view = await stores.windows.observeEnd("agent-5", end({ payee: "mallory", amount: "7.00" }));
    expect(view.entries).toEqual([]);
    expect(view.escrows).toMatchObject([
      { payee: "mallory", amount: "7.00", opened: null, end: { state: "refunded" } },
    ]);
    expect(view.principalByMinute.size).toBe(0);
  });

  it("an id that is used again long after is another escrow", async () => {
    await stores.windows.observeEscrow("agent-6", opened!);
    await stores.windows.observeEnd("agent-6", end());
    const later = { ...opened!, at: noon + 20 * MINUTE_MS, eventId: "evt-0-again" };
    expect((await stores.windows.observeEscrow("agent-6", later)).escrows).toHaveLength(2);
  });
});

describe("what containment cancels itself", () => {
  it("is known as ours while the agent is contained, and afterwards by what the incident took back", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-7" }));
    expect((await stores.windows.observeEnd("agent-7", end())).escrows[0]?.end?.isOurs).toBe(true);
    await stores.incidents.recordEscrows(incidentId, [held("esc-a", "recovered"), held("esc-b", "held")]);
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    const late = await stores.windows.observeEnd("agent-7", end({ escrowId: "esc-a" }));
    expect(late.escrows.find(({ escrowId }) => escrowId === "esc-a")?.end?.isOurs).toBe(true);
    const own = await stores.windows.observeEnd("agent-7", end({ escrowId: "esc-b" }));
    expect(own.escrows.find(({ escrowId }) => escrowId === "esc-b")?.end?.isOurs).toBe(false);
  });

  it("is not taken for ours in a dry run, in which nothing is cancelled", async () => {
    await stores.incidents.open(openRequest({ agentId: "agent-8" }, { dryRun: true }));
    expect((await stores.windows.observeEnd("agent-8", end())).escrows[0]?.end?.isOurs).toBe(false);
  });
});

describe("when an incident is over", () => {
  it("what was known by then counts no more, and is still known: told again, it does not count anew", async () => {
    await stores.windows.observeEscrow("agent-9", opened!);
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-9" }));
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    const view = await stores.windows.observeEscrow("agent-9", opened!);
    expect(view).toMatchObject({ entries: [], afreshMinute: noon / MINUTE_MS });
    expect(formatMoney(view.principalByMinute.get(noon / MINUTE_MS)!)).toBe("150.00");
  });

  it("an end that was known by then is none afterwards, told again or not", async () => {
    await stores.windows.observeEnd("agent-18", end());
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-18" }));
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect((await stores.windows.observeEnd("agent-18", end())).escrows).toMatchObject([{ opened: null, end: null }]);
  });

  it("an end that comes afterwards is news of its own", async () => {
    await stores.windows.observeEscrow("agent-10", opened!);
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-10" }));
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    const [escrow] = (await stores.windows.observeEnd("agent-10", end())).escrows;
    expect(escrow).toMatchObject({ opened: null, payee: "flaky-upstream", end: { isOurs: false } });
  });
});

describe("money that leaves the account without an escrow", () => {
  const outflow = (given: Partial<Outflow> = {}): Outflow => ({
    transactionId: "tx-1",
    payee: "payment of 12.50",
    amount: "12.50",
    at: noon,
    eventId: "evt-0-0123456789abcdef0123456789abcdef",
    ...given,
  });

  it("counts once, and comes back as it was", async () => {
    await stores.windows.observeOutflow("agent-11", outflow());
    const view = await stores.windows.observeOutflow("agent-11", outflow({ eventId: "evt-0-other" }));
    const { transactionId: _, ...row } = outflow();
    expect(view.outflows).toEqual([row]);
    expect([...view.outflowByMinute].map(([minute, units]) => [minute, formatMoney(units)])).toEqual([
      [noon / MINUTE_MS, "12.50"],
    ]);
    expect(view.principalByMinute.size).toBe(0);
  });

  it("is counted to the last cent where more rows come than are kept, oldest or newest first", async () => {
    const rows = Array.from({ length: 120 }, (_, index) =>
      outflow({ transactionId: `tx-${index}`, at: noon + index, amount: "0.01" }),
    );
    for (const [agentId, told] of [
      ["agent-12", rows],
      ["agent-13", [...rows].reverse()],
    ] as const) {
      let view = null;
      for (const row of told) view = await stores.windows.observeOutflow(agentId, row);
      expect(formatMoney(view!.outflowByMinute.get(noon / MINUTE_MS)!)).toBe("1.20");
      expect(view!.outflows.map(({ at }) => at - noon)).toEqual(Array.from({ length: 30 }, (_, index) => 90 + index));
    }
  });
});

describe("a reputation as it is remembered", () => {
  const read = (agentId: string, score: number, at: number) =>
    stores.standing.observe(agentId, { score, at, eventId: `evt-0-${at}` });

  it("has the first score above zero, the lowest above it and the last zero, in any order of arrival", async () => {
    const readings = [
      [0, 1],
      [0.85, 2],
      [0.6, 4],
      [0.6, 3],
      [0, 6],
      [0, 5],
      [0.7, 7],
    ] as const;
    for (const [agentId, told] of [
      ["agent-14", readings],
      ["agent-15", [...readings].reverse()],
    ] as const) {
      for (const [score, at] of told) await read(agentId, score, at);
      expect(await read(agentId, 0.9, 8)).toEqual({
        first: { score: 0.85, at: 2 },
        accepted: null,
        lowest: { score: 0.6, at: 3, eventId: "evt-0-3" },
        zero: { score: 0, at: 6, eventId: "evt-0-6" },
        epoch: 0,
        observed: 0,
      });
    }
  });

  it("keeps its baseline when an incident is over, and looks for a new lowest", async () => {
    await read("agent-16", 0.85, 1);
    await read("agent-16", 0.5, 2);
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-16" }));
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    const seen = await read("agent-16", 0.8, 3);
    expect(seen).toMatchObject({ first: { score: 0.85 }, lowest: { score: 0.8 }, epoch: 1 });
  });
});
