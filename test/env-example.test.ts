import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { variables } from "../src/config-schema.ts";

const lines = readFileSync(new URL("../.env.example", import.meta.url), "utf8").split("\n");

/** `NAME=default`, or with a # before it where a copy of the file should leave it unset; in the order they stand in. */
const shown = lines.flatMap((line, index) => {
  const match = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
  return match ? [{ name: match[2]!, fallback: match[3]!, isCommented: match[1] === "#", index }] : [];
});

describe(".env.example", () => {
  it("shows every variable the product reads with its default, and no other", () => {
    const read = Object.entries(variables).map(([name, { fallback }]) => ({ name, fallback }));
    expect(shown.map(({ name, fallback }) => ({ name, fallback }))).toEqual(read);
  });

  it("leaves commented out what is unset by default and what npm start chooses by itself, and nothing else", () => {
    const chosen = ["PORT", "REDIS_URL"];
    const wrong = shown.filter(
      ({ name, isCommented, fallback }) => isCommented !== (fallback === "" || chosen.includes(name)),
    );
    expect(wrong).toEqual([]);
  });

  it("explains every variable in the lines above it", () => {
    const isExplained = (index: number): boolean => {
      const above = lines[index - 1] ?? "";
      return /^# \S/.test(above) || (/^#?[A-Z0-9_]+=/.test(above) && isExplained(index - 1));
    };
    expect(shown.filter(({ index }) => !isExplained(index)).map(({ name }) => name)).toEqual([]);
  });

  it("is the only one of its name that git takes in: a copy may hold secrets", () => {
    const ignored = readFileSync(new URL("../.gitignore", import.meta.url), "utf8").split("\n");
    expect(ignored.filter((line) => line.includes(".env"))).toEqual([".env", ".env.*", "!.env.example"]);
  });

  it("says which variables are secrets", () => {
    const paragraphs = lines.join("\n").split("\n\n");
    const saysSecret = (name: string) => paragraphs.find((text) => text.includes(`${name}=`))?.includes("(secret)");
    for (const [name, { secret }] of Object.entries(variables)) expect(saysSecret(name), name).toBe(secret);
  });
});
