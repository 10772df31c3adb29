/**
 * What `npm test` runs: type check, lint, then every test. Arguments go to vitest: `npm test -- --project unit`.
 * The last line is `N passed, N failed`; type check and lint count as one each. Status 0 only if nothing failed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { BootstrapError, orExplain, root } from "./machine.mjs";
import { ensureChromium, ensureRedis } from "./programs.mjs";

const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

orExplain(() => ensureRedis({ ownServer: true }));

const counts = { passed: 0, failed: 0 };
count("Type check", run("tsc", ["--noEmit"]) && run("tsc", ["--noEmit", "-p", "src/console"]));
count("Lint", run("biome", ["check", "."]));
const args = process.argv.slice(2);
if (!wantsBrowser(args) || isBrowserThere()) runVitest(args);
// One clear failure in place of every browser test, and the others still run.
else if (!projectsOf(args).includes("browser")) runVitest([...args, "--project=!browser"]);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function count(name, isPassed) {
  counts[isPassed ? "passed" : "failed"] += 1;
  console.log(`${name}: ${isPassed ? "passed" : "failed"}`);
}

function run(command, args) {
  return spawnSync(join(bin, command), args, { cwd: root, env, stdio: "inherit" }).status === 0;
}

/** Whether the project `browser` has a part in this run; what slips through here is caught by its own set-up. */
function wantsBrowser(args) {
  const projects = projectsOf(args);
  const files = args.filter((arg) => /^[^-].*(\/|\.ts$)/.test(arg));
  return (
    (projects.length === 0 || projects.some((name) => name === "browser" || /[*!](?!browser)/.test(name))) &&
    (files.length === 0 || files.some((part) => "test/browser/".includes(part) || part.includes("test/browser/")))
  );
}

function projectsOf(args) {
  return args.flatMap((arg, at) =>
    arg === "--project" ? [args[at + 1] ?? ""] : arg.startsWith("--project=") ? [arg.slice("--project=".length)] : [],
  );
}

function isBrowserThere() {
  try {
    ensureChromium();
    return true;
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    console.error(error.message);
    count("Browser", false);
    return false;
  }
}

function runVitest(args) {
  const dir = mkdtempSync(join(tmpdir(), "tourniquet-test-"));
  const report = join(dir, "report.json");
  const isPassed = run("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ]);
  const { passed, failed } = readReport(report);
  rmSync(dir, { recursive: true, force: true });
  counts.passed += passed;
  // A crash, an error outside any test, or not one test found: vitest counts none of them.
  counts.failed += failed === 0 && (!isPassed || passed === 0) ? 1 : failed;
}

function readReport(path) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, "utf8"));
    // A file that could not even be loaded has no failed test in it.
    const unloaded = testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" && !assertionResults.some((test) => test.status === "failed"),
    );
    return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
  } catch {
    return { passed: 0, failed: 0 }; // no report: vitest itself went down, which the caller counts
  }
}
