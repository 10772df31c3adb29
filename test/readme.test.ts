import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { variables } from "../src/config-schema.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}/README.md`, "utf8");

describe("README.md", () => {
  it("shows every variable with its default, and says which are secret", () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)` )?\| (.+) \|$/gm)];
    const shown = rows.map(([, name, fallback = "", meaning]) => ({
      name,
      fallback,
      secret: meaning!.endsWith("(secret)"),
    }));
    expect(shown).toEqual(
      Object.entries(variables).map(([name, { fallback, secret }]) => ({ name, fallback, secret })),
    );
  });

  it("names every worker that can be started", () => {
    const named = readme.match(/^\| `npx tourniquet worker .*\|$/m)?.[0] ?? "";
    const workers = globSync("workers/*.ts", { cwd: root }).map((path) => path.replace(/^workers\/|\.ts$/g, ""));
    expect(workers.filter((worker) => !named.includes(worker))).toEqual([]);
  });

  it("mentions no npm script that does not exist", () => {
    const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
    const mentioned = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(mentioned.filter((name) => !(name in scripts))).toEqual([]);
    expect(mentioned).not.toEqual([]);
  });
});

describe("the links in our documents", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...globSync("docs/*.md", { cwd: root })];

  it.each(documents)("of %s lead to files that exist", (path) => {
    const links = [...readFileSync(`${root}/${path}`, "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, link]) => link!,
    );
    expect(links.filter((link) => !existsSync(resolve(root, dirname(path), link)))).toEqual([]);
  });

  it("name tests that exist", () => {
    const named = [...readFileSync(`${root}/docs/guarantees.md`, "utf8").matchAll(/`(test\/[^`]+)`/g)].map(
      ([, path]) => path!,
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => globSync(path.replace(/\/$/, ""), { cwd: root }).length === 0)).toEqual([]);
  });
});
