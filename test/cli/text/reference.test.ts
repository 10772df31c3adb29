import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/cli/program.ts";
import { cliReference, helpOf, leavesOf, pathOf } from "../../../src/cli/reference.ts";

const program = buildProgram();
const leaves = leavesOf(program).map((command) => ({ command, path: pathOf(command) }));
const commands = leaves.map(({ path, command }) => [path, command] as const);

describe("every command", () => {
  it.each(commands)("%s says what it does, with an example of itself, and has --json", (path, command) => {
    expect(command.description().length).toBeGreaterThan(8);
    const [, examples = ""] = helpOf(command).split(/\nExamples?:\n/);
    expect(examples).toMatch(new RegExp(`(npx tourniquet|npm) ${path}\\b`));
    expect(command.options.map(({ long }) => long)).toContain("--json");
  });

  it("that holds others says what they are about", () => {
    for (const group of program.commands) expect(group.description()).not.toBe("");
    expect(leaves.length).toBeGreaterThan(40);
  });
});

describe("docs/cli.md", () => {
  it("is what the commands say today: node scripts/cli-reference.ts writes it", () => {
    expect(readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8")).toBe(cliReference(buildProgram()));
  });
});
