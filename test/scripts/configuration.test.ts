import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configurationReference } from "../../scripts/configuration.ts";

describe("docs/configuration.md", () => {
  it("is what the schema, the defaults and the example say today: node scripts/configuration.ts writes it", () => {
    expect(readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8")).toBe(
      configurationReference(),
    );
  });

  it("leaves no value without what it takes and what it means", () => {
    const rows = configurationReference()
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(([, takes, , meaning]) => takes === "" || !meaning).map(([path]) => path)).toEqual([]);
  });
});
