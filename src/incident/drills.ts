import { iso } from "./iso.ts";
import type { Page, PageOf } from "./page.ts";

/** What was ordered: which scenarios, by whom, where. */
export interface DrillOrder {
  wanted: readonly string[];
  by: string;
  via: "api" | "cli";
  /** Of the product that was tried. */
  version: string;
}

/** One scenario, played and scored. score: as `tourniquet drill --json` prints it. */
export interface DrillResult {
  drill: string;
  verdict: "passed" | "failed";
  durationMs: number;
  score: Readonly<Record<string, unknown>>;
}

/** interrupted: whoever ran it died or was stopped before it was over. */
export type DrillState = "running" | "passed" | "failed" | "interrupted";

/** One run of one drill or more. Times are Redis time in milliseconds. */
export interface DrillRun extends DrillOrder {
  id: string;
  state: DrillState;
  startedAt: number;
  endedAt: number | null;
  /** In the order in which they came out. */
  results: readonly DrillResult[];
  /** Why it came to nothing; null: it did not. */
  problem: string | null;
}

/** What drills came to, for whoever asks whether this would work tonight. The newest are kept. */
export interface Drills {
  /** isAlone: not while another runs that was begun so, whose id is the answer then. */
  begin(order: DrillOrder, options: { isAlone: boolean }): Promise<{ answer: "begun" | "busy"; id: string }>;
  /** To be said every few seconds: whoever says nothing for BEAT_WITHIN_MS is taken for dead. */
  beat(id: string): Promise<void>;
  record(id: string, result: DrillResult): Promise<void>;
  end(id: string, state: Exclude<DrillState, "running">, problem: string | null): Promise<void>;
  load(id: string): Promise<DrillRun | null>;
  /** Newest first. */
  page(which: PageOf): Promise<Page<DrillRun>>;
}

export const BEAT_EVERY_MS = 5_000;
export const BEAT_WITHIN_MS = 20_000;

/** Passed only if every one that was wanted was played, and passed. */
export function stateOf(wanted: readonly string[], results: readonly DrillResult[]): "passed" | "failed" {
  const passed = results.filter(({ verdict }) => verdict === "passed").map(({ drill }) => drill);
  return wanted.every((name) => passed.includes(name)) ? "passed" : "failed";
}

/** As API and CLI show it: times as ISO 8601 text. */
export function presentDrillRun({ startedAt, endedAt, ...run }: DrillRun) {
  return { ...run, startedAt: iso(startedAt), endedAt: iso(endedAt) };
}
