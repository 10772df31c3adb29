import { describe, expect, it } from "vitest";
import { titleOf, whatHappened } from "../../src/incident/what-happened.ts";
import { anIncident, seconds, theLoop } from "../learn/post-mortem/an-incident.ts";

describe("the title of an incident that was ordered", () => {
  const of = (kind: "containment-order" | "fleet-shutdown", given: Parameters<typeof anIncident>[0]) =>
    anIncident({ signals: [theLoop({ kind })], escrows: [], ...given });
  const bleeding = { status: "containing", effectiveAt: null, containedAt: null } as const;

  it("says what was ordered while it bleeds, and that it was done once it is", () => {
    expect(whatHappened(of("containment-order", bleeding))).toBe(
      "procurement-17 was ordered to be contained: it is not contained yet",
    );
    expect(titleOf(of("containment-order", { ...bleeding, effectiveAt: seconds(16) }))).toBe(
      "procurement-17 was ordered to be contained",
    );
    expect(titleOf(of("containment-order", {}))).toBe("procurement-17 was contained because a person said so");
  });

  it("for the whole fleet says that it was frozen once the freeze is in effect", () => {
    expect(titleOf(of("fleet-shutdown", bleeding))).toBe(
      "procurement-17 was ordered to be frozen together with the whole fleet",
    );
    expect(titleOf(of("fleet-shutdown", { containedAt: null }))).toBe(
      "procurement-17 was frozen together with the whole fleet",
    );
  });
});
