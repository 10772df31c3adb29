import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/cli/backtest/run.ts";
import { noCounts, readTrace, type Told } from "../../../src/cli/backtest/trace.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { escrowSaid, type Said, traceFile } from "../../support/trace.ts";
import { lastYear } from "./replaying.ts";

const MINUTE_MS = 60_000;
const settings = readSettings(undefined, {});

/** As the inbox recorded them: each arrived so long after it happened. */
async function* recorded(lines: readonly Said[], lateMs: number): AsyncGenerator<Told> {
  const options = { settings, partitions: 1, strict: true };
  for await (const { line, stored } of readTrace(traceFile(lines), options, noCounts()))
    yield { line, stored: { ...stored, receivedAt: stored.receivedAt + lateMs, disposition: "ignored" } };
}

async function contained(lines: readonly Said[], lateMs: number): Promise<string[]> {
  const report = await backtest({
    ...{ candidates: [{ name: "today", settings }], counts: noCounts(), truth: null, partitions: 1 },
    trace: recorded(lines, lateMs),
  });
  return report.candidates[0]!.incidents.map(({ agentId, frozen }) => `${agentId} ${frozen?.at}`);
}

const escrow = (index: number, atMs: number): Said =>
  escrowSaid({ atMs, escrowId: `esc-${index}`, payer: "a", payee: "shop", amount: "90.00", state: "held" });
const opened = Array.from({ length: 8 }, (_, index) => escrow(index, lastYear + index * 1_000));
const last = lastYear + 7_000;
/** Ten escrows of which four are paid out and six taken back: too many (D6), and then none is locked. */
const churn = Array.from({ length: 10 }, (_, index) => ({ escrowId: `esc-${index}`, payee: `shop-${index}`, index }));
const takenBack = (["held", "settled or refunded"] as const).flatMap((phase, part) =>
  churn.map(({ index, ...ids }) =>
    escrowSaid({
      ...{ atMs: lastYear + part * 30_000 + index * 1_000, payer: "a", amount: `${10 + index}.00`, ...ids },
      state: phase === "held" ? "held" : index < 4 ? "settled" : "refunded",
    }),
  ),
);
const iso = (ms: number) => new Date(ms).toISOString();

describe("events that were recorded late", () => {
  it("are acted on within ten minutes, and the freeze falls when they arrived", async () => {
    expect(await contained(opened, 10 * MINUTE_MS)).toEqual([`a ${iso(last + 10 * MINUTE_MS)}`]);
  });

  it("are acted on later where money is still locked, as the trace has it by then", async () => {
    expect(await contained(opened, 11 * MINUTE_MS)).toEqual([`a ${iso(last + 11 * MINUTE_MS)}`]);
  });

  it("are not acted on after a day, as live", async () => {
    expect(await contained(opened, 24 * 60 * MINUTE_MS + 1)).toEqual([]);
  });

  it("are not acted on later than ten minutes where nothing is locked any more", async () => {
    expect(await contained(takenBack, 10 * MINUTE_MS)).toHaveLength(1);
    expect(await contained(takenBack, 10 * MINUTE_MS + 1)).toEqual([]);
  });
});
