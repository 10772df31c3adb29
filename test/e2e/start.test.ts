import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { descendantsOf, stillRunning } from "../support/processes.ts";
import { projectCopy } from "../support/project-copy.ts";
import { until } from "../support/until.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const copy = projectCopy();
afterAll(() => copy.remove());
const { PATH = "", HOME = "" } = process.env;
let started: ChildProcess;
afterEach(() => void started.kill("SIGKILL"));

/** What `npm start` runs, and what `npx tourniquet start` does; with nothing set in the environment. */
const [npmStart, npxStart] = [`${copy.root}/src/cli/main.ts`, `${repository}/scripts/tourniquet.mjs`];

function start(command: string, ...args: readonly string[]) {
  started = spawn(process.execPath, [command, "start", ...args], {
    cwd: copy.root,
    env: { PATH, HOME },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    started[stream]!.on("data", (chunk: Buffer) => {
      printed[stream] += chunk.toString("utf8");
    });
  return { pid: started.pid!, printed, ended: once(started, "close") };
}

const commands = ["redis", "sandbox", "api", "worker"];

/** Redis, gateway, API and workers of this start, once all are there and the story is being played. */
async function everything(pid: number, output: () => string): Promise<ReadonlyMap<number, string>> {
  await until(async () => output().includes("escrow "), "the story to begin", 60_000, 100);
  const running = descendantsOf(pid);
  for (const command of commands)
    expect(
      [...running.values()].some((line) => line.includes(command)),
      command,
    ).toBe(true);
  return running;
}

describe("npm start -- --once --json", () => {
  it.each([npmStart, npxStart])(
    "over %s ends with the score as its last line: stopped, nothing lost, status 0",
    async (command) => {
      const { pid, printed, ended } = start(command!, "--once", "--json");
      const running = await everything(pid, () => printed.stderr);
      expect((await ended)[0]).toBe(0);
      const score = JSON.parse(printed.stdout.trimEnd().split("\n").at(-1)!);
      expect(score).toMatchObject({
        scenario: "runaway",
        escrowsAttempted: 312,
        lost: "0.00",
        contained: true,
        incidents: 1,
      });
      expect(score.frozenAtEscrow).toBeGreaterThanOrEqual(8);
      expect(score.frozenAtEscrow).toBeLessThanOrEqual(12);
      expect(score.recovered).toBe(score.lockedAtFreeze);
      expect(score.webhookToFreezeMs).toBeLessThan(5_000);
      expect(stillRunning(running)).toEqual([]);
    },
  );
});

describe("npm start", () => {
  it("is what commands of another terminal work with, without a word in their environment", async () => {
    const { pid, printed, ended } = start(npmStart!);
    await everything(pid, () => printed.stdout);
    const other = (...args: string[]) =>
      spawn(process.execPath, [npmStart!, ...args], {
        cwd: copy.root,
        env: { PATH, HOME },
        stdio: ["ignore", "pipe", "pipe"],
      });
    const check = other("keys", "check");
    expect(await text(check.stdout!)).toMatch(/^ok +containment \(variable GREENHELIX_API_KEY\)/);
    const worker = other("worker", "containment");
    const log: string[] = [];
    worker.stderr!.on("data", (chunk: Buffer) => log.push(chunk.toString("utf8")));
    await until(async () => log.join("").includes("worker.started"), "the worker to start", 20_000, 100).finally(() =>
      worker.kill("SIGTERM"),
    );
    process.kill(pid, "SIGTERM");
    await ended;
  });

  it.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)(
    "leaves nothing running when it is ended by %s",
    async (signal) => {
      const { pid, printed, ended } = start(npmStart!);
      const running = await everything(pid, () => printed.stdout);
      process.kill(pid, signal);
      await ended;
      expect(printed.stdout).not.toContain("ended by itself");
      await until(
        async () => stillRunning(running).length === 0,
        "everything it had started to end",
        30_000,
        200,
      ).catch((error) => expect(stillRunning(running), String(error)).toEqual([]));
      expect(stillRunning(running)).toEqual([]);
    },
  );
});
