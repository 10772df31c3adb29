import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { mistakesOf } from "./mistakes-of.ts";

const ramp = (rungs: readonly (readonly [afterMs: number, percent: number])[], more = "") =>
  `recovery: { rungs: [${rungs.map(([afterMs, percent]) => `{ afterMs: ${afterMs}, percent: ${percent} }`).join(", ")}]${more} }`;
const told = (yaml: string) => mistakesOf(yaml).map((mistake) => mistake.replace("settings line 1: ", ""));

describe("the ramp of the settings file", () => {
  it.each([
    ["of one step", ramp([[0, 100]])],
    [
      "of steps that rise by the least",
      ramp([
        [0, 99],
        [1, 100],
      ]),
    ],
    [
      "that ends with its watching",
      ramp(
        [
          [0, 50],
          [9, 100],
        ],
        ", normalAfterMs: 9",
      ),
    ],
    ["that is looked at every second", ramp([[0, 100]], ", lookEveryMs: 1000")],
  ])("may be one %s", (_what, yaml) => {
    expect(told(yaml)).toEqual([]);
  });

  it.each([
    ["without a step", ramp([]), "recovery.rungs must have at least one rung"],
    [
      "that begins later",
      ramp([
        [1, 50],
        [2, 100],
      ]),
      "recovery.rungs[0].afterMs must be 0: the first rung is taken at once",
    ],
    [
      "that ends below",
      ramp([
        [0, 50],
        [2, 99],
      ]),
      "recovery.rungs[1].percent must be 100: the last rung restores what was before",
    ],
    [
      "with two steps at one time",
      ramp([
        [0, 50],
        [5, 75],
        [5, 100],
      ]),
      "recovery.rungs[2].afterMs must be later than the rung before",
    ],
    [
      "with a step that is none",
      ramp([
        [0, 50],
        [5, 50],
        [6, 100],
      ]),
      "recovery.rungs[1].percent must be more than the rung before",
    ],
    [
      "that is over before its last step",
      ramp(
        [
          [0, 50],
          [9, 100],
        ],
        ", normalAfterMs: 8",
      ),
      "recovery.normalAfterMs must not be before the last rung",
    ],
    ["above 100 %", ramp([[0, 101]]), "recovery.rungs[0].percent must be a whole number from 1 to 100"],
    [
      "of nothing",
      ramp([
        [0, 0],
        [1, 100],
      ]),
      "recovery.rungs[0].percent must be a whole number from 1 to 100",
    ],
    [
      "that is looked at too often",
      ramp([[0, 100]], ", lookEveryMs: 999"),
      "recovery.lookEveryMs must be a whole number from 1000 to 86400000",
    ],
  ])("cannot be one %s", (_what, yaml, mistake) => {
    expect(told(yaml)).toEqual([mistake]);
  });

  it("is that of the playbook where the file says none", () => {
    const { rungs, normalAfterMs, lookEveryMs } = readSettings(undefined, {}).recovery;
    const hours = rungs.map(({ afterMs, percent }) => [afterMs / 3_600_000, percent]);
    expect(hours).toEqual([
      [0, 50],
      [6, 75],
      [24, 100],
    ]);
    expect([normalAfterMs / 3_600_000, lookEveryMs]).toEqual([48, 30_000]);
  });
});
