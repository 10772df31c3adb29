import type { PresentedTried } from "../../learn/backtest.ts";
import { textTable } from "../text-table.ts";
import type { BacktestReport } from "./run.ts";

const MOST_ROWS = 50;

/** What a person reads: one line a candidate, then the incidents, then what is to be known about it. */
export function backtestTable(report: BacktestReport): string {
  const { candidates } = report;
  return [
    eventsLine(report),
    truthLine(report),
    "",
    textTable([
      ["CANDIDATE", "INCIDENTS", "WARNINGS", "MISSED", "FALSE FREEZES", "LOCKED", "SAVED", "AGAINST TODAY", "BLOCKED"],
      ...candidates.map(candidateRow),
    ]),
    ...incidentLines(candidates),
    ...candidates.flatMap(differences),
    ...notes(report),
  ].join("\n");
}

function eventsLine({ events: { events, agents, from, until, duplicates, withoutTime } }: BacktestReport): string {
  const also = [
    ...(duplicates > 0 ? [`${duplicates} told twice`] : []),
    ...(withoutTime > 0 ? [`${withoutTime} without a time: the time of the one before was taken`] : []),
  ];
  return [`${events} events of ${agents} agents, ${from} to ${until}`, ...also].join("; ");
}

function truthLine({ truth }: BacktestReport): string {
  const named = truth.trouble.slice(0, 10).join(", ");
  const more = truth.trouble.length > 10 ? ` and ${truth.trouble.length - 10} more` : "";
  const agents = truth.trouble.length === 0 ? "none" : `${named}${more}`;
  const by = {
    file: "by the file",
    incidents: "by what people made of the incidents",
    today: "nobody said which, so those that today's settings contain count as such; everything is relative to today",
  };
  return `agents in trouble: ${agents} (${by[truth.kind]})`;
}

function candidateRow({ name, warnings, totals, againstToday: { saved, lost } }: PresentedTried): string[] {
  const against = name === "today" ? "" : `+${saved} -${lost}`;
  const counts = [totals.incidents, warnings, totals.missed, totals.falseFreezes].map(String);
  return [name, ...counts, totals.locked, totals.saved, against, totals.blocked];
}

function incidentLines(candidates: readonly PresentedTried[]): string[] {
  const rows = candidates.flatMap(({ name, incidents }) =>
    incidents.map(({ agentId, signal, severity, budget, event, frozen, secondsFromStart, escrows, locked, saved }) => [
      ...[name, agentId, `${signal} (${severity})`, budget, String((frozen ?? event).line), (frozen ?? event).at],
      ...[`${secondsFromStart} s`, String(escrows), locked, saved],
    ]),
  );
  if (rows.length === 0) return ["", "no incidents"];
  const heading = [
    ...["CANDIDATE", "AGENT", "SIGNAL", "BUDGET", "AT LINE", "AT", "AFTER", "ESCROWS", "LOCKED", "SAVED"],
  ];
  const more = rows.length > MOST_ROWS ? [`and ${rows.length - MOST_ROWS} more: --json shows all`] : [];
  return ["", textTable([heading, ...rows.slice(0, MOST_ROWS)]), ...more];
}

function differences({ name, missed, falseFreezes, waiting, againstToday }: PresentedTried): string[] {
  const lines = [
    ...said("misses", missed, ({ agentId, opened }) => `${agentId} (${opened} opened)`),
    ...said("contains without need", falseFreezes, ({ agentId, blocked }) => `${agentId} (${blocked} blocked)`),
    ...said("would ask a person about", waiting, (agentId) => agentId),
    ...said("later than today", againstToday.later, ({ agentId, seconds }) => `${agentId} by ${seconds} s`),
    ...said("earlier than today", againstToday.earlier, ({ agentId, seconds }) => `${agentId} by ${seconds} s`),
  ];
  return lines.length === 0 ? [] : ["", ...lines.map((line) => `${name}: ${line}`)];
}

function said<T>(what: string, found: readonly T[], inWords: (one: T) => string): string[] {
  if (found.length === 0) return [];
  const more = found.length > 10 ? ` and ${found.length - 10} more` : "";
  return [`${what} ${found.slice(0, 10).map(inWords).join(", ")}${more}`];
}

function notes({ events: { bad, badLines, unknownTypes }, leftOut }: BacktestReport): string[] {
  return [
    ...(bad > 0 ? ["", `${bad} lines are no event and were left out`] : []),
    ...badLines.map(({ line, mistake }) => `  line ${line}: ${mistake}`),
    ...(unknownTypes > 0 ? ["", `${unknownTypes} events are of a type that nobody judges`] : []),
    "",
    "not in it:",
    ...leftOut.map((what) => `  ${what}`),
  ];
}
