import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FreshMachine, freshMachine } from "../support/fresh-machine.ts";

let machine: FreshMachine;
beforeEach(() => {
  machine = freshMachine();
  machine.command("redis-server", "");
  machine.command("chromium", "");
  machine.write("node_modules/.bin/.keep", "");
  machine.command("node_modules/.bin/tsc", "exit 0");
  machine.command("node_modules/.bin/biome", "exit 0");
});
afterEach(() => machine.remove());

/** A vitest that writes this report, if any, where it was asked to, and ends with the status. */
function vitestThat(status: number, report?: object) {
  const json =
    report === undefined
      ? ""
      : `for arg; do case $arg in --outputFile.json=*) cat > "\${arg#*=}" <<'END'\n${JSON.stringify(report)}\nEND\n;; esac; done`;
  machine.command("node_modules/.bin/vitest", `${json}\nexit ${status}`);
}
const report = (passed: number, failed: number, testResults: object[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults,
});

async function lastLineAndStatus() {
  const { stdout, status } = await machine.run("scripts/test.mjs");
  return [stdout.trimEnd().split("\n").at(-1), status];
}

describe("npm test", () => {
  it("counts type check and lint as one test each", async () => {
    vitestThat(0, report(40, 0));
    expect(await lastLineAndStatus()).toEqual(["42 passed, 0 failed", 0]);
  });

  it("fails for a failed type check though every test passed", async () => {
    machine.command("node_modules/.bin/tsc", "exit 2");
    vitestThat(0, report(40, 0));
    expect(await lastLineAndStatus()).toEqual(["41 passed, 1 failed", 1]);
  });

  it("counts failed tests, and a file that could not be loaded", async () => {
    vitestThat(
      1,
      report(3, 1, [
        { status: "failed", assertionResults: [{ status: "failed" }] },
        { status: "failed", assertionResults: [] },
      ]),
    );
    expect(await lastLineAndStatus()).toEqual(["5 passed, 2 failed", 1]);
  });

  it("fails when vitest goes down without a report", async () => {
    vitestThat(134);
    expect(await lastLineAndStatus()).toEqual(["2 passed, 1 failed", 1]);
  });

  it("fails when vitest ends badly though no test failed", async () => {
    vitestThat(1, report(40, 0));
    expect(await lastLineAndStatus()).toEqual(["42 passed, 1 failed", 1]);
  });

  it("fails when not one test was found", async () => {
    vitestThat(0, report(0, 0));
    expect(await lastLineAndStatus()).toEqual(["2 passed, 1 failed", 1]);
  });

  it("hands its arguments to vitest", async () => {
    vitestThat(0, report(1, 0));
    await machine.run("scripts/test.mjs", ["--project", "unit"]);
    expect(machine.calls().at(-1)).toMatch(/^vitest run .* --project unit$/);
  });
});

describe("npm test on a machine without a browser", () => {
  const away = { env: { CHROME_PATH: "/nowhere/chrome" } };
  const run = (...args: readonly string[]) => machine.run("scripts/test.mjs", args, away);
  const vitestCall = () => machine.calls().find((call) => call.startsWith("vitest "));
  beforeEach(() => vitestThat(0, report(40, 0)));

  it("runs everything else, and counts one failure that says what to do", async () => {
    const { stdout, stderr, status } = await run();
    expect([stdout.trimEnd().split("\n").at(-1), status]).toEqual(["42 passed, 1 failed", 1]);
    expect(stderr).toMatch(/^The browser tests need Chrome or Chromium, and CHROME_PATH leads to no program/);
    expect(vitestCall()).toMatch(/--project=!browser$/);
  });

  it("runs nothing in place of the browser tests when only they were asked for", async () => {
    const { stdout, status } = await run("--project", "browser");
    expect([stdout.trimEnd().split("\n").at(-1), status]).toEqual(["2 passed, 1 failed", 1]);
    expect(vitestCall()).toBeUndefined();
  });

  it.each([
    "--project unit",
    "--project=e2e",
    "--project=!browser",
    "test/redis/inbox.test.ts",
    "--project unit test/http/",
  ])("needs none for %s", async (args) => {
    expect((await run(...args.split(" "))).status).toBe(0);
    expect(vitestCall()).toContain(args);
  });

  it.each(["--project=!unit", "--project brow*", "test/browser/main-path.test.ts", "test/"])(
    "needs one for %s",
    async (args) => expect((await run(...args.split(" "))).status).toBe(1),
  );
});

describe(".ci/run", () => {
  it("ends with the count and the status of npm test", async () => {
    machine.command("npm", "echo '3 passed, 1 failed'; echo 'npm error' >&2; exit 1");
    const { stdout, status } = await machine.run(".ci/run");
    expect([stdout.trimEnd().split("\n").at(-1), status]).toEqual(["3 passed, 1 failed", 1]);
  });

  it("counts a failure when the tests were never reached", async () => {
    machine.command("npm", "echo 'no Redis'; exit 0");
    const { stdout, status } = await machine.run(".ci/run");
    expect([stdout.trimEnd().split("\n").at(-1), status]).toEqual(["0 passed, 1 failed", 1]);
  });
});
