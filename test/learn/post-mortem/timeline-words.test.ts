import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { statusesBefore, transitions } from "../../../src/incident/incident.ts";
import { inGeneral, timelineWords } from "../../../src/learn/post-mortem/timeline-words.ts";
import { anIncident } from "./an-incident.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** How a line of the timeline is written: a note, an entry of a recovery, and in Redis itself. */
const written = [
  /\bnote\([^"()]*(?:\([^()]*\))?[^"()]*"(?:detect|contain|recover|learn)",\s*"([a-z-]+)"/g,
  /\brecord\([^']*'(?:detect|contain|recover|learn)', '([a-z-]+)'/g,
  /\bentry = \{ what: "([a-z-]+)"/g,
  /, \{ what: "([a-z-]+)", detail\b/g,
];
const whats = new Set(
  globSync("src/**/*.{ts,lua}", { cwd: root }).flatMap((path) => {
    const text = readFileSync(`${root}/${path}`, "utf8");
    return written.flatMap((pattern) => [...text.matchAll(pattern)].map(([, what]) => what!));
  }),
);

describe("every line that is written to a timeline", () => {
  it("has a sentence of its own for people", () => {
    expect(whats.size).toBeGreaterThan(25);
    expect([...whats].filter((what) => !(what in timelineWords)).sort()).toEqual([]);
  });

  it("so has every status that an incident can come to", () => {
    const reached = (Object.keys(transitions) as (keyof typeof transitions)[]).filter(
      (status) => statusesBefore(status).length > 0,
    );
    expect(reached.filter((status) => !(status in timelineWords))).toEqual([]);
  });

  it("says no word that is none where a detail is missing", () => {
    for (const [what, words] of Object.entries(timelineWords))
      expect(words({}, anIncident()) ?? "", what).not.toMatch(/undefined|NaN|null|\[object/);
  });

  it("says its own name and facts where nobody wrote a sentence", () => {
    const entry = {
      at: 1,
      phase: "learn",
      what: "something-new",
      detail: { agentId: "a-1", times: 3, deep: {} },
    } as const;
    expect(inGeneral(entry)).toBe("Something new (agent id a-1, times 3).");
  });
});
