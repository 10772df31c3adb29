import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { check } from "./support/house-rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = globSync("{src,workers,scripts,test}/**/*.{ts,tsx,mjs,lua}", { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(`${root}/${path}`, "utf8") }));

describe("the house", () => {
  it("keeps its rules: import direction, file size, folder names, environment, tests that run", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(check(files)).toEqual([]);
  });
});

describe("a file that breaks a rule is named with its line and the rule", () => {
  it.each([
    [
      "an upward import",
      "src/incident/x.ts",
      'import { a } from "../errors.ts";\nimport { b } from "../runbooks/y.ts";',
      "src/incident/x.ts:2: incident imports src/runbooks/y.ts",
    ],
    [
      "a phase that imports a phase",
      "src/detect/x.ts",
      'import type { A } from "../contain/contain.ts";',
      "src/detect/x.ts:1: detect imports src/contain/contain.ts",
    ],
    [
      "an import over several lines",
      "src/redis/x.ts",
      'import {\n  a,\n} from "../queues/jobs.ts";',
      "src/redis/x.ts:3: redis imports src/queues/jobs.ts",
    ],
    [
      "a store that reads settings",
      "src/redis/x.ts",
      'import { a } from "../settings.ts";',
      "src/redis/x.ts:1: redis imports src/settings.ts",
    ],
    [
      "a re-export",
      "src/greenhelix/x.ts",
      'export * from "../redis/y.ts";',
      "src/greenhelix/x.ts:1: greenhelix imports src/redis/y.ts",
    ],
    [
      "an import for its effect",
      "src/queues/x.ts",
      'import "../redis/y.ts";',
      "src/queues/x.ts:1: queues imports src/redis/y.ts",
    ],
    [
      "a dynamic import",
      "src/learn/scripts/x.ts",
      'const a = await import("../../notify/y.ts");',
      "src/learn/scripts/x.ts:1: learn imports src/notify/y.ts",
    ],
    [
      "a sandbox that knows the product",
      "src/sandbox/rest/x.ts",
      'import { a } from "../../incident/gateway.ts";',
      "src/sandbox/rest/x.ts:1: sandbox imports src/incident/gateway.ts",
    ],
    [
      "a product that knows the sandbox",
      "src/services.ts",
      'import { a } from "./sandbox/y.ts";',
      "src/services.ts:1: services imports src/sandbox/y.ts",
    ],
    [
      "a worker with logic",
      "workers/x.ts",
      'import { a } from "../src/redis/inbox.ts";',
      "workers/x.ts:1: workers imports src/redis/inbox.ts",
    ],
    [
      "a console that takes the API's schemas along",
      "src/console/pages/x.ts",
      'import {\n  type A,\n  a,\n} from "../../http/api/shapes/y.ts";',
      "src/console/pages/x.ts:4: console imports src/http/api/shapes/y.ts",
    ],
    [
      "a console that knows more of the API than its answers",
      "src/console/pages/x.ts",
      'import type { A } from "../../http/api/y.ts";',
      "src/console/pages/x.ts:1: console imports src/http/api/y.ts",
    ],
    [
      "a new room",
      "src/attic/x.ts",
      'import { a } from "../errors.ts";',
      "src/attic/x.ts:1: attic imports src/errors.ts; attic is in no row",
    ],
    [
      "the environment",
      "src/http/x.ts",
      "\nconst port = process.env.PORT;",
      "src/http/x.ts:2: process.env: only src/config.ts",
    ],
    [
      "a store that writes JSON of its own",
      "src/redis/x.ts",
      "const text = JSON.stringify(signal);",
      "src/redis/x.ts:1: JSON.stringify(: jsonText",
    ],
    ["a skipped test", "test/x.test.ts", "\n\nit.skip('x', f);", "test/x.test.ts:3: .skip(: a test that is not run"],
    ["a lone test", "test/x.test.ts", "describe.only('x', f);", "test/x.test.ts:1: .only(: a test that is not run"],
    [
      "a sleep",
      "test/x.test.ts",
      "await new Promise((resolve) => setTimeout(resolve, 50));",
      "test/x.test.ts:1: setTimeout(resolve: no sleeps",
    ],
    [
      "a sleep by another name",
      "test/support/x.ts",
      "await delay(50);",
      "test/support/x.ts:1: await delay(: no sleeps",
    ],
    [
      "an empty catch",
      "scripts/x.mjs",
      "try {\n  f();\n} catch (error) {\n}",
      "scripts/x.mjs:3: catch (error) { }: a catch decides",
    ],
    [
      "an empty catch of a promise",
      "src/http/x.ts",
      "f().catch(() => {});",
      "src/http/x.ts:1: .catch(() => {}): a catch decides",
    ],
    [
      "a long file",
      "src/redis/scripts/x.lua",
      "-- x\n".repeat(251),
      "src/redis/scripts/x.lua:251: a file has at most 250 lines",
    ],
    ["a folder named after nothing", "src/http/utils/x.ts", "", "src/http/utils/x.ts:1: utils: a folder is named"],
  ])("%s", (_name, path, text, expected) => {
    expect(check([{ path, text }])).toEqual([expect.stringContaining(expected)]);
  });
});

describe("files of the console that import each other", () => {
  it("are named with the whole circle", () => {
    const files = [
      { path: "src/console/a.ts", text: 'import { b } from "./b.ts";' },
      { path: "src/console/b.ts", text: 'import type { A } from "./c.ts";' },
      { path: "src/console/c.ts", text: 'import { b } from "./b.ts";' },
    ];
    expect(check(files)).toEqual(["src/console/b.ts > src/console/c.ts > src/console/b.ts: a circle of imports"]);
  });
});

describe("a file that keeps the rules", () => {
  it.each([
    [
      "packages and node's own modules",
      "src/incident/x.ts",
      'import { z } from "zod";\nimport { join } from "node:path";',
    ],
    ["its own room", "src/redis/scripts/x.ts", 'import { keys } from "../keys.ts";'],
    [
      "the direction of the table",
      "src/contain/x.ts",
      'import { run } from "../runbooks/runbook.ts";\nimport type { A } from "../settings.ts";',
    ],
    [
      "the one file that a room may see",
      "src/sandbox/x.ts",
      'import { money } from "../incident/money.ts";\nimport { signA2a } from "../greenhelix/signature.ts";',
    ],
    [
      "types of what the API answers",
      "src/console/pages/x.ts",
      'import type {\n  A,\n} from "../../http/api/shapes/y.ts";',
    ],
    ["a path that only stands in a comment", "src/redis/x.ts", '// not from "../queues/jobs.ts"'],
    ["250 lines", "src/http/x.ts", "const a = 1;\n".repeat(250)],
  ])("may use %s", (_name, path, text) => {
    expect(check([{ path, text }])).toEqual([]);
  });
});
