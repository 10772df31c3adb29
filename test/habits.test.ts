import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Workflow {
  permissions: Record<string, string>;
  concurrency?: object;
  jobs: Record<string, Job>;
}
interface Job {
  "timeout-minutes": number;
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const paths = globSync(".github/workflows/*.yml", { cwd: root });
const workflows = paths.map((path): [string, Workflow] => [path, parse(read(path))]);
const ci: Workflow = parse(read(".github/workflows/ci.yml"));

describe("the workflow of a change", () => {
  it("runs what a person runs, and nothing else", () => {
    const runs = Object.values(ci.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(runs).toEqual([".ci/run"]);
  });

  it("runs it on the oldest Node that is promised and on the one the product brings", () => {
    const { engines, dependencies } = JSON.parse(read("package.json"));
    const [major] = dependencies.node.split(".");
    expect(ci.jobs.test?.strategy?.matrix.node).toEqual([Number(engines.node.replace(">=", "")), Number(major)]);
  });

  it("stops the run of an older commit of the same branch", () => expect(ci.concurrency).toBeDefined());
});

describe.each(workflows)("%s", (path, workflow) => {
  const jobs = Object.values(workflow.jobs);

  it("may only read unless a job says what it writes", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const { permissions = {} } of jobs)
      expect(Object.keys(permissions).filter((name) => permissions[name] === "write")).toSatisfy((written: string[]) =>
        written.every((name) => name === "security-events"),
      );
  });

  it("takes every action by its commit, and says which version that is", () => {
    const lines = read(path).match(/^.*\buses:.*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("leaves no credential behind, and ends", () => {
    for (const { steps, "timeout-minutes": minutes } of jobs) {
      expect(minutes).toBeLessThanOrEqual(30);
      const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false]);
    }
  });
});

describe("updates of packages", () => {
  const renovate = JSON.parse(read("renovate.json"));

  it("are looked at by a person, after a week in the open", () => {
    expect(renovate).toMatchObject({ automerge: false, minimumReleaseAge: "7 days" });
    expect(renovate.lockFileMaintenance).toMatchObject({ enabled: true, automerge: false });
    expect(read(".npmrc")).toMatch(/^min-release-age=7$/m);
  });

  it("lie in the lockfile with the address of each, or npm would choose anew, and refuse what is younger than a week", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { resolved?: string }> };
    const without = Object.entries(packages).filter(([path, { resolved }]) => path !== "" && !resolved);
    expect(without.map(([path]) => path)).toEqual([]);
    expect(Object.keys(packages).length).toBeGreaterThan(100);
  });

  it("are grouped by names that the project has", () => {
    const { dependencies, devDependencies, overrides } = JSON.parse(read("package.json"));
    const known = Object.keys({ ...dependencies, ...devDependencies, ...overrides });
    const names: string[] = renovate.packageRules.flatMap((rule: { matchPackageNames?: string[] }) =>
      (rule.matchPackageNames ?? []).filter((name) => !/^!?\//.test(name)),
    );
    const isKnown = (name: string) => known.some((one) => one === name || one.startsWith(name.replace("**", "")));
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });
});
