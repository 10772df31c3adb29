import { type BacktestReport, backtest } from "../../../src/cli/backtest/run.ts";
import { noCounts, readTrace } from "../../../src/cli/backtest/trace.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { type Said, traceFile } from "../../support/trace.ts";

export interface Tries {
  /** YAML of today's settings, and of candidates by their names. */
  today?: string;
  candidates?: Readonly<Record<string, string>>;
  trouble?: readonly string[];
  strict?: boolean;
}

/** What a backtest of these lines reports. */
export async function replayed(lines: readonly (Said | string)[], tries: Tries = {}): Promise<BacktestReport> {
  const settings = readSettings(tries.today, {});
  const counts = noCounts();
  const others = Object.entries(tries.candidates ?? {});
  return backtest({
    candidates: [
      { name: "today", settings },
      ...others.map(([name, yaml]) => ({ name, settings: readSettings(yaml, {}) })),
    ],
    trace: readTrace(traceFile(lines), { settings, partitions: 1, strict: tries.strict ?? false }, counts),
    counts,
    truth: tries.trouble === undefined ? null : { kind: "file", trouble: new Set(tries.trouble) },
    partitions: 1,
  });
}

/** Incidents of one candidate in short: agent, signal, line. */
export const inShort = (report: BacktestReport, candidate = 0): string[] =>
  report.candidates[candidate]!.incidents.map(
    ({ agentId, signal, event }) => `${agentId} ${signal} line ${event.line}`,
  );

/** The 2:47 of a year that is over, whenever this runs. */
export const lastYear = Date.parse(`${new Date().getUTCFullYear() - 1}-11-14T02:47:00Z`);
