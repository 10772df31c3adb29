import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../scripts/bench/main.ts", import.meta.url));
const run = promisify(execFile);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tourniquet-bench-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a quick run of a benchmark", () => {
  it.each([
    ["intake", ["Q1", "Q2"]],
    ["handoff", ["Q3"]],
    ["containment", ["Q4", "Q5", "Q7", "Q10"]],
  ])("%s prints its goals and writes them as JSON, whatever they came to", async (name, goals) => {
    const file = join(folder, "bench.json");
    const { stdout } = await run(process.execPath, [main, name, "--quick", "--json", file]);
    const { mode, machine, reports } = JSON.parse(await readFile(file, "utf8"));
    expect(mode).toBe("quick");
    expect(machine).toMatchObject({ cores: expect.any(Number), node: process.versions.node });
    expect(reports).toHaveLength(1);
    const [{ measures, standings }] = reports;
    expect(new Set(standings.map(({ goal }: { goal: string }) => goal))).toEqual(new Set(goals));
    expect(measures.every(({ summary }: { summary: { median: unknown } }) => typeof summary.median === "number")).toBe(
      true,
    );
    for (const goal of goals) expect(stdout).toContain(goal);
  });

  it("names the benchmarks there are when asked for another", async () => {
    await expect(run(process.execPath, [main, "speed"])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("intake, handoff, containment"),
    });
  });
});
