import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { DrillScore } from "../../src/cli/drill/score.ts";
import { scenarios } from "../../src/sandbox/scenarios/index.ts";
import { descendantsOf, stillRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** What one that is killed cannot take away itself, this file does. */
const folder = mkdtempSync(join(tmpdir(), "tourniquet-drill-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As an operator runs it, in an environment that points at a product of theirs which must not be touched. */
function start(...args: readonly string[]) {
  const { PATH = "", HOME = "" } = process.env;
  const own = { REDIS_URL: "redis://127.0.0.1:1", GREENHELIX_API_KEY: "in-earnest", PORT: "1" };
  const child = spawn(process.execPath, [main, "drill", ...args], {
    env: { PATH, HOME, TMPDIR: folder, ...own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      printed[stream] += chunk.toString("utf8");
    });
  return { child, printed, ended: once(child, "close") };
}

describe("tourniquet drill --all --json", () => {
  it("passes every drill, within three minutes: each trouble by its signal, nobody else touched", {
    timeout: 180_000,
  }, async () => {
    const { child, printed, ended } = start("--all", "--json");
    await until(async () => descendantsOf(child.pid!).size > 0, "its Redis to be there", 30_000);
    const running = descendantsOf(child.pid!);
    const [status] = await ended;
    const scores = printed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as DrillScore);
    expect(scores.map(({ drill, verdict, reasons }) => ({ drill, verdict, reasons }))).toEqual(
      scenarios.map(({ name }) => ({ drill: name, verdict: "passed", reasons: [] })),
    );
    for (const { expects, detected, signals } of scores) {
      expect(detected).toBe(expects === null ? "none expected" : "yes");
      expect(signals).toEqual(expects === null ? [] : expect.arrayContaining([expects]));
    }
    expect(status).toBe(0);
    expect(printed.stderr).toContain(`${scenarios.length} of ${scenarios.length} drills passed`);
    expect(stillRunning(running)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a drill that is interrupted", () => {
  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("by %s leaves no process behind", async (signal) => {
    const { child, ended } = start("runaway", "--speed", "1");
    await until(async () => descendantsOf(child.pid!).size > 0, "its Redis to be there", 30_000);
    const running = descendantsOf(child.pid!);
    child.kill(signal);
    await ended;
    await until(async () => stillRunning(running).length === 0, "everything it had started to end", 15_000, 100);
    expect(stillRunning(running)).toEqual([]);
  });
});

describe("tourniquet drill", () => {
  it("names the drills there are when one is asked for that is not", async () => {
    const { printed, ended } = start("the-moon-falls-down");
    expect((await ended)[0]).toBe(2);
    expect(printed.stderr).toContain("no drill named the-moon-falls-down; there are: runaway, ");
  });
});
