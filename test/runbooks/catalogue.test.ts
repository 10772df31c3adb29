import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runbooks } from "../../src/runbooks/index.ts";

const text = readFileSync(new URL("../../docs/runbooks.md", import.meta.url), "utf8");
const words = { freeze: "frozen", halve: "daily cap halved", leave: "left" };

describe("docs/runbooks.md", () => {
  it("has one row for each runbook, with its signals, their priorities and what becomes of the budget", () => {
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|/gm)].map(([, name, signals, budget]) => ({
      name,
      signals,
      budget,
    }));
    expect(rows).toEqual(
      runbooks.map(({ name, handles, budget }) => ({
        name,
        signals: Object.entries(handles)
          .map(([signal, priority]) => `${signal} ${priority}`)
          .join(", "),
        budget: words[budget],
      })),
    );
  });

  it.each(runbooks)("lists the steps of $name in their order, the urgent ones marked", ({ name, steps }) => {
    const section = text.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? "";
    const listed = section.match(/Steps: (.*?)\.\n/s)?.[1]?.replaceAll("\n", " ");
    expect(listed).toBe(steps.map((step) => `\`${step.name}\`${step.urgent ? "*" : ""}`).join(", "));
  });
});
