import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monthEnd } from "../../src/sandbox/scenarios/month-end.ts";
import { runaway } from "../../src/sandbox/scenarios/runaway.ts";
import { traceFile, traceOf } from "../support/trace.ts";
import { createWorld, type World } from "../support/world.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const zeroMs = Date.parse("2024-11-14T02:47:00Z");
const night = traceOf(runaway, zeroMs).slice(0, 30);
const settingsFile = (text: string): string => {
  const path = traceFile([]).replace(/ndjson$/, "yaml");
  writeFileSync(path, text);
  return path;
};

const trace = traceFile(night);
const lax = settingsFile(
  "thresholds:\n  escrowBurst:\n    identicalCount: 900\n  payeeConcentration:\n    count: 900\n",
);
const wrong = settingsFile("thresholds:\n  escrowBurst:\n    identicalCont: 3\n");
const truth = settingsFile('{"trouble": ["procurement-17"]}');
const noTruth = settingsFile('{"troubles": []}');

/** The example of docs/backtest.md, as it stands there. */
const documented = /```ndjson\n([^`]+)```/.exec(
  readFileSync(new URL("../../docs/backtest.md", import.meta.url), "utf8"),
)![1]!;

const commands = {
  table: ["--trace", trace, "--candidate", lax, "--set", "escrowBurst.identicalCount=4"],
  json: ["--trace", trace, "--truth", truth, "--set", "escrowBurst.identicalCount=4", "--json"],
  documented: [
    ...["--trace", traceFile(documented.trim().split("\n")), "--strict", "--json"],
    ...["--set", "escrowBurst.identicalCount=2"],
  ],
  missing: ["--trace", "/nowhere.ndjson"],
  bad: ["--trace", traceFile(["nonsense"])],
  strict: ["--trace", traceFile([...night.slice(0, 2), "nonsense"]), "--strict"],
  wrong: ["--trace", trace, "--candidate", wrong],
  noTruth: ["--trace", trace, "--truth", noTruth],
  badSet: ["--trace", trace, "--set", "escrowBurst.identicalCount=many"],
  unknownOption: ["--tracee", trace],
  both: ["--trace", trace, "--since", "1h"],
  length: ["--since", "soon"],
  help: ["--help"],
} as const;
const ran = {} as Record<keyof typeof commands | "recorded" | "empty", CommandRun>;

let world: World;
beforeAll(async () => {
  world = await createWorld({ ticker: false });
  ran.empty = await runCommand("backtest", "--since", "1h");
  const now = Date.now();
  // Told within a second by Redis's clock, as far apart as they say by their own.
  for (const { body, atMs } of [...night.slice(0, 16), ...traceOf(monthEnd, zeroMs).slice(0, 20)])
    await world.deliver({ ...body, timestamp: (now - 60_000 + (atMs - zeroMs)) / 1_000 });
  await world.untilStatus("contained");
  const runs = Object.entries(commands).map(
    async ([name, args]) => [name, await runCommand("backtest", ...args)] as const,
  );
  Object.assign(ran, Object.fromEntries(await Promise.all(runs)));
  ran.recorded = await runCommand("backtest", "--since", "1h", "--json", "--candidate", lax);
}, 110_000);
afterAll(() => world.close());

describe("tourniquet backtest --trace", () => {
  it("shows a line a candidate, the incidents, and what is not in it", () => {
    const { code, out } = ran.table;
    expect(code).toBe(0);
    expect(out).toMatch(
      /^CANDIDATE +INCIDENTS +WARNINGS +MISSED +FALSE FREEZES +LOCKED +SAVED +AGAINST TODAY +BLOCKED$/m,
    );
    expect(out).toMatch(/^today +1 +\d+ +0 +0 +1620\.00 +/m);
    expect(out).toMatch(
      /^today +procurement-17 +escrow-burst \(critical\) +freeze +\d+ +2024-11-14T02:47:14\.805Z +14\.805 s +9 +1620\.00 /m,
    );
    expect(out).toContain(`${lax}: misses procurement-17`);
    expect(out).toContain("escrowBurst.identicalCount=4: earlier than today procurement-17 by 8.46 s");
    expect(out).toContain("relative to today");
    expect(out).toContain("nothing ends an incident");
  });

  it("takes the two lines of the documentation as they stand, one of each dialect, for two escrows of one agent", () => {
    const { code, out } = ran.documented;
    expect(code).toBe(0);
    const { events, candidates } = JSON.parse(out);
    expect(events).toMatchObject({ lines: 2, events: 2, bad: 0, withoutTime: 0, agents: 1 });
    expect(candidates[1].incidents).toMatchObject([{ agentId: "procurement-17", locked: "300.00" }]);
  });

  it("with --json is one object, by the truth of the file", () => {
    expect(ran.json.code).toBe(0);
    const report = JSON.parse(ran.json.out);
    expect(Object.keys(report)).toEqual(["events", "truth", "candidates", "leftOut"]);
    expect(report.truth).toEqual({ kind: "file", trouble: ["procurement-17"] });
    expect(report.candidates.map(({ name }: { name: string }) => name)).toEqual([
      "today",
      "escrowBurst.identicalCount=4",
    ]);
    expect(report.candidates[1].againstToday).toMatchObject({ saved: "600.00", lost: "0.00" });
  });

  it.each([
    ["missing", "/nowhere.ndjson does not exist"],
    ["bad", "line 1: body must be valid JSON"],
    ["strict", ", line 3: body must be valid JSON"],
    ["wrong", ".yaml line 3: thresholds.escrowBurst.identicalCont is not known here"],
    ["noTruth", 'must be a JSON object such as {"trouble": ["procurement-17"]}'],
    ["badSet", "thresholds.escrowBurst.identicalCount must be a whole number"],
  ] as const)("ends with status 2 and says why: %s", (name, reason) => {
    expect(ran[name]).toMatchObject({ code: 2, out: "" });
    expect(ran[name].err).toContain(reason);
  });

  it.each(["unknownOption", "both", "length"] as const)("ends with status 2 where the command is wrong: %s", (name) => {
    expect(ran[name]).toMatchObject({ code: 2, out: "" });
    expect(ran[name].err).toContain("error:");
  });

  it("explains itself with an example", () => {
    expect(ran.help.code).toBe(0);
    expect(ran.help.out).toContain("npx tourniquet backtest --trace night.ndjson");
  });
});

describe("tourniquet backtest over the inbox", () => {
  it("replays what was recorded, by what became of the incidents", () => {
    expect(ran.recorded.code).toBe(0);
    const report = JSON.parse(ran.recorded.out);
    expect(report.truth).toEqual({ kind: "incidents", trouble: ["procurement-17"] });
    expect(report.events).toMatchObject({ events: 36, agents: 5 });
    const [today, candidate] = report.candidates;
    // Of the loop the eighth gave it away; all twelve had happened before the first of them arrived.
    expect(today.incidents).toMatchObject([{ agentId: "procurement-17", signal: "escrow-burst", locked: "2220.00" }]);
    expect(candidate.missed).toMatchObject([{ agentId: "procurement-17" }]);
  });

  it("leaves the product's own Redis as it is: one incident, and it stands", async () => {
    const incidents = await world.services.incidents.list(10);
    expect(incidents.map(({ agentId, status }) => `${agentId} ${status}`)).toEqual(["procurement-17 contained"]);
  });

  it("ends with status 1 where there is nothing", () => {
    expect(ran.empty).toMatchObject({ code: 1, out: "" });
    expect(ran.empty.err).toContain("the inbox holds no events of that time");
  });
});
