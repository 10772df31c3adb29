import type { Summary } from "./stats.ts";

/** One measured quantity. */
export interface Measure {
  what: string;
  unit: "per s" | "ms" | "us" | "count" | "x";
  summary: Summary;
}

/** Where a goal of performance.md stands: measured over its limit, both of one run. */
export interface Standing {
  goal: string;
  what: string;
  ratio: number;
  wanted: string;
  isMet: boolean;
}

export interface Report {
  benchmark: string;
  measures: Measure[];
  standings: Standing[];
  /** What makes the rest believable: counts that had to agree and did. */
  checks: string[];
}

export function atLeast(goal: string, what: string, ratio: number, bound: number): Standing {
  return { goal, what, ratio, wanted: `>= ${bound}`, isMet: ratio >= bound };
}

export function atMost(goal: string, what: string, ratio: number, bound: number): Standing {
  return { goal, what, ratio, wanted: `<= ${bound}`, isMet: ratio <= bound };
}

export function tableOf({ benchmark, measures, standings, checks }: Report): string {
  const rows = measures.map(({ what, unit, summary }) => [
    what,
    number(summary.median),
    unit,
    summary.rounds > 1 ? `${number(summary.least)} to ${number(summary.most)}` : "",
    String(summary.rounds),
  ]);
  const goals = standings.map(({ goal, what, ratio, wanted, isMet }) => [
    goal,
    what,
    number(ratio),
    wanted,
    isMet ? "met" : "MISSED",
  ]);
  return [
    `\n${benchmark}`,
    aligned([["", "median", "", "least to most", "rounds"], ...rows]),
    ...(goals.length > 0 ? ["", aligned([["goal", "", "ratio", "wanted", ""], ...goals])] : []),
    ...(checks.length > 0 ? ["", ...checks.map((check) => `  ${check}`)] : []),
  ].join("\n");
}

/** About three significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 || value === 0 ? 2 : 4;
  return value.toFixed(digits);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isText(column, row) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)));
  return rows.map((row) => `  ${line(row).join("  ")}`.trimEnd()).join("\n");
}

const isText = (column: number, row: readonly string[]): boolean => column === 0 || !/^[\d,.-]+$/.test(row[column]!);
