import { describe, expect, it } from "vitest";
import { whatIsNext } from "../../src/recover/what-is-next.ts";
import { readSettings } from "../../src/settings/settings.ts";

const told = (yaml: string | undefined, waitsFor: readonly string[] = []) =>
  whatIsNext(readSettings(yaml, {}).recovery, waitsFor);

describe("what a person is told who asked for recovery", () => {
  it("is the ramp of the settings, each time in its largest whole unit", () => {
    expect(told(undefined)).toContain("50 % at once, 75 % after 6 h, 100 % after 24 h.");
    const own =
      "recovery: { rungs: [{ afterMs: 0, percent: 20 }, { afterMs: 5400000, percent: 60 }, { afterMs: 5430000, percent: 100 }], normalAfterMs: 5430500 }";
    expect(told(own)).toContain("20 % at once, 60 % after 90 min, 100 % after 5430 s. Without a warning");
    expect(told(own)).toContain("resolved after 5430500 ms.");
  });

  it("is whom it waits for, where it does", () => {
    expect(told(undefined, ["inc-0-a-1", "inc-0-b-2"])).toContain(
      "It waits until the first rung of inc-0-a-1, inc-0-b-2 stands. Then identity and reputation are looked at; until",
    );
    expect(told(undefined)).not.toContain("waits");
  });
});
