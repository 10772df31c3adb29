import { describe, expect, it } from "vitest";
import { presentLines, presentSettings } from "../../src/settings/present.ts";
import { differencesFromDefaults, warningsOf } from "../../src/settings/review.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { mistakesOf } from "./mistakes-of.ts";

describe("a key in a settings file", () => {
  it("never stands there itself, and is not repeated by the mistake that says so", () => {
    const mistakes = mistakesOf("keys:\n  containment: gh-secret-key\n  agents:\n    a: gh-secret-key\n");
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).not.toContain("gh-secret-key");
  });

  it("is missed by line and kind when the variable or the file is not there", () => {
    const yaml = `keys:
  containment: { env: NOT_SET }
  agents:
    a: { file: /nowhere/key }
    b: {}
`;
    expect(mistakesOf(yaml)).toContain("settings line 5: keys.agents.* must have either env or file");
    expect(mistakesOf(yaml.replace("    b: {}\n", ""))).toEqual([
      "settings line 2: keys.containment.env names a variable that is not set",
      "settings line 4: keys.agents.*.file names a file that cannot be read (ENOENT)",
    ]);
    expect(mistakesOf("keys: { containment: { env: A } }", { A: "k", A_FILE: "/k" })).toEqual([
      "settings line 1: keys.containment.env names a variable that is set beside its _FILE variable; keep one of them",
    ]);
  });

  const secret = "gh_live_SECRET";
  it.each([
    `containment: { env: ${secret} }`,
    `containment: { file: ${secret} }`,
    `containment: { file: /${secret} }`,
    `containment: { ${secret} }`,
    `containment: { env: A, ${secret}: 1 }`,
    `{ ${secret}: { env: A } }`,
    `agents: { ${secret}: { env: B } }`,
    `agents: { ${secret}: { env: A, x: 1 } }`,
    `agents: { a: { env: ${secret} } }`,
    `agents: { a: { ${secret}: 1 } }`,
    `agents: { ${secret}: ${secret} }`,
    `agents: [${secret}]`,
    `agents: { a: { env: FROM } }`,
    secret,
  ])("pasted where a name, a path or an agent belongs is not repeated: %s", (said) => {
    const env = { A: "k", FROM_FILE: `/${secret}` };
    const mistakes = mistakesOf(`keys:\n  ${said}\n`, env);
    expect(mistakes).not.toEqual([]);
    expect(mistakes.join()).toMatch(/^settings line [12]: /);
    expect(mistakes.join()).not.toContain(secret);
  });

  it("pasted where an agent's id belongs is neither warned of nor shown by its text", () => {
    const settings = readSettings(
      `fleet: { agents: [{ id: a }] }\nkeys: { agents: { a: { env: A }, ${secret}: { env: A } } }`,
      {
        A: "k",
      },
    );
    const shown = JSON.stringify([
      warningsOf(settings, 0),
      presentSettings(settings),
      presentLines(settings),
      differencesFromDefaults(settings),
    ]);
    expect(shown).not.toContain(secret);
    expect(presentSettings(settings).keys).toMatchObject({ agents: { a: "variable A", "*": "variable A" } });
    expect(presentLines(settings)).toHaveProperty(["keys.agents.*.env"], 2);
    expect(warningsOf(settings, 0)).toEqual([
      { line: 2, message: "keys.agents has a key for what is no agent of the fleet" },
    ]);
  });
});
