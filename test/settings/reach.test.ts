import { describe, expect, it } from "vitest";
import type { Channel } from "../../src/incident/escalation.ts";
import { reachable, unreached } from "../../src/settings/reach.ts";
import { readSettings } from "../../src/settings/settings.ts";

const all = (yaml: string | undefined, ...configured: Channel[]) =>
  unreached(readSettings(yaml, {}), configured).map(({ line, message }) => `${line}: ${message}`);
const isOfRoute = (warning: string) => /route|nobody is told of/.test(warning);
const warnings = (...args: Parameters<typeof all>) => all(...args).filter((one) => !isOfRoute(one));
const ofRoutes = (...args: Parameters<typeof all>) => all(...args).filter(isOfRoute);
const nobody = (which: string) =>
  `nobody is told when an incident is not acknowledged (${which}): none of the channels is configured`;

describe("an escalation", () => {
  it("that tells nobody is warned of, the defaults' too", () => {
    expect(warnings(undefined)).toEqual([`null: ${nobody("P0 after 300 s, P1 after 900 s")}`]);
    expect(warnings(undefined, "pagerduty")).toHaveLength(1);
    expect(warnings(undefined, "slack")).toEqual([]);
  });

  it("that names a channel which is not there is warned of, with its line", () => {
    const yaml = `escalation:
  P0:
    - { afterMs: 60000, to: [slack] }
    - afterMs: 120000
      to: [slack, webhook]
  P1:
    - afterMs: 60000
      to: [webhook]
`;
    expect(warnings(yaml, "slack", "webhook")).toEqual([]);
    expect(warnings(yaml, "slack")).toEqual([
      `8: ${nobody("P1 after 60 s")}`,
      "5: the escalation of P0 after 120 s names webhook, which nothing is configured for",
    ]);
  });

  it("that the file leaves empty is warned of where somebody is to be woken, with its line", () => {
    const only = "escalate to nobody: whoever is paged first is the only one";
    expect(warnings("escalation: { P0: [], P1: [] }", "slack")).toEqual([`1: P0 and P1 ${only}`]);
    expect(warnings("escalation:\n  P3: []\n  P1: []\n", "slack")).toEqual([
      "3: P1 escalates to nobody: whoever is paged first is the only one",
    ]);
    expect(warnings("escalation: { P2: [], P3: [] }", "slack")).toEqual([]);
  });
});

describe("a route", () => {
  it("that wakes nobody is warned of, the defaults' too", () => {
    const message = "only the log: no channel of their routes is configured";
    expect(ofRoutes(undefined)).toEqual([`null: nobody is told of P0 and P1, ${message}`]);
    expect(ofRoutes(undefined, "pagerduty-secondary")).toHaveLength(1);
    for (const channel of ["slack", "pagerduty", "webhook"] as const) expect(ofRoutes(undefined, channel)).toEqual([]);
    const yaml = "notify:\n  routes:\n    P2: [slack]\n    P1: [pagerduty]\n";
    expect(ofRoutes(yaml, "slack")).toEqual([`4: nobody is told of P1, ${message}`]);
    const empty = "notify:\n  routes:\n    P0: []\n";
    expect(ofRoutes(empty, "slack")).toEqual([`3: nobody is told of P0, ${message}`]);
  });

  it("that names a channel which is not there is warned of, with its line", () => {
    const yaml = "notify:\n  routes:\n    P0: [slack, webhook]\n    P2: [webhook]\n    P3: []\n";
    expect(ofRoutes(yaml, "slack", "webhook")).toEqual([]);
    expect(ofRoutes(yaml, "slack")).toEqual([
      "3: the route of P0 names webhook, which nothing is configured for",
      "4: the route of P2 names webhook, which nothing is configured for",
    ]);
  });
});

describe("levels of an escalation", () => {
  const mistakes = (yaml: string) => () => readSettings(yaml, {});

  it("come one after the other, and each in its own time", () => {
    const level = (...afterMs: number[]) => `escalation: { P0: [${afterMs.map((ms) => `{ afterMs: ${ms} }`).join()}] }`;
    expect(mistakes(level(1_000, 1_001))).not.toThrow();
    expect(mistakes(level(86_400_000))).not.toThrow();
    expect(mistakes(level(1_000, 1_000))).toThrow(/escalation.P0\[1\].afterMs must be later than the level before/);
    expect(mistakes(level(5_000, 1_000))).toThrow(/escalation.P0\[1\].afterMs must be later than the level before/);
    expect(mistakes(level(999))).toThrow(/afterMs/);
    expect(mistakes(level(86_400_001))).toThrow(/afterMs/);
  });

  it("tell channels that exist, the usual ones where nothing is said", () => {
    expect(mistakes("escalation: { P0: [{ afterMs: 1000, to: [fax] }] }")).toThrow(/to/);
    const { escalation } = readSettings("escalation: { P0: [{ afterMs: 1000 }] }", {});
    expect(escalation.P0).toEqual([{ afterMs: 1_000, to: ["pagerduty-secondary", "slack", "webhook"] }]);
    expect(escalation.P1).toEqual([{ afterMs: 900_000, to: ["pagerduty-secondary", "slack", "webhook"] }]);
  });
});

describe("what is configured", () => {
  it("is what has an address", () => {
    const none = { slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined };
    expect(reachable(none)).toEqual([]);
    expect(reachable({ ...none, webhook: { url: "https://x.example" } })).toEqual(["webhook"]);
  });
});
