import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../../../src/cli/backtest/candidates.ts";
import { truthFrom, truthOfIncidents } from "../../../src/cli/backtest/truth.ts";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { readSettings, thresholdsFor } from "../../../src/settings/settings.ts";
import { traceFile } from "../../support/trace.ts";

const write = (text: string): string => {
  const path = traceFile([]);
  writeFileSync(path, text);
  return path;
};

const todayText = `
fleet: { agents: [{ id: a, wallet: ops }] }
policy: [{ signal: cost-anomaly, tier: auto-contain }]
thresholds:
  escrowBurst: { identicalCount: 20, minimumCount: 30 }
  agents:
    a: { payeeConcentration: { count: 50 } }
`;
const todayFile = write(todayText);
const today = () => readSettings(todayText, {}, todayFile);

const tried = (file: string) => candidatesOf(today(), [write(file)], [], {})[1]!.settings;

describe("a candidate that says thresholds alone", () => {
  const settings = tried(
    "thresholds:\n  escrowBurst: { identicalCount: 5 }\n  agents: { b: { errorSpike: { count: 9 } } }",
  );

  it("changes those, and keeps what today's file says besides", () => {
    expect(settings.thresholds.escrowBurst).toMatchObject({ identicalCount: 5, minimumCount: 30 });
    expect(settings.fleet.agents.map(({ id }) => id)).toEqual(["a"]);
    expect(settings.policy[0]).toMatchObject({ signal: "cost-anomaly", tier: "auto-contain" });
  });

  it("keeps what today's says of single agents, and adds its own", () => {
    expect(thresholdsFor(settings, "a")).toMatchObject({
      payeeConcentration: { count: 50 },
      escrowBurst: { identicalCount: 5 },
    });
    expect(thresholdsFor(settings, "b")).toMatchObject({ payeeConcentration: { count: 10 }, errorSpike: { count: 9 } });
  });
});

describe("a candidate that says more", () => {
  it("is whole settings: nothing of today's is in it", () => {
    const settings = tried("mode: act\nthresholds:\n  escrowBurst: { identicalCount: 5 }");
    expect(settings.thresholds.escrowBurst).toMatchObject({ identicalCount: 5, minimumCount: 8 });
    expect(settings.fleet.agents).toEqual([]);
  });
});

describe("thresholds that are set one by one", () => {
  const set = (...sets: string[]) => candidatesOf(today(), [], sets, {})[1]!;

  it("are one candidate over today's, named after them", () => {
    const { name, settings } = set("escrowBurst.identicalCount=4", "thresholds.budgetWarningPct=70");
    expect(name).toBe("escrowBurst.identicalCount=4 thresholds.budgetWarningPct=70");
    expect(settings.thresholds).toMatchObject({
      budgetWarningPct: 70,
      escrowBurst: { identicalCount: 4, minimumCount: 30 },
    });
  });

  it.each(["escrowBurst.identicalCont=4", "escrowBurst", "escrowBurst=4", "=4"])(
    "are refused where they are none: %s",
    (one) => {
      expect(() => set(one)).toThrow(/--set/);
    },
  );
});

describe("without a file", () => {
  it("today's settings are the defaults, and can be changed", () => {
    const [first, second] = candidatesOf(readSettings(undefined, {}), [], ["errorSpike.count=3"], {});
    expect(first!.settings.thresholds.errorSpike.count).toBe(20);
    expect(second!.settings.thresholds).toMatchObject({ errorSpike: { count: 3, windowMs: 300_000 } });
  });
});

describe("what is known of agents in trouble", () => {
  const incident = (agentId: string, more: Partial<IncidentView> = {}) =>
    ({ agentId, status: "contained", openedAt: 100, dryRun: false, standDown: null, ...more }) as IncidentView;

  it("by incidents: those of which one was not stood down", () => {
    const known = truthOfIncidents(
      [
        incident("contained"),
        incident("mended", { status: "resolved" }),
        incident("honest", { status: "stood-down" }),
        incident("being-released", { standDown: { by: "ada", reason: "planned", askedAt: 1 } }),
        incident("twice", { status: "stood-down" }),
        incident("twice"),
        incident("before", { openedAt: 99 }),
        incident("only-observed", { dryRun: true }),
      ],
      100,
    );
    expect(known).toEqual({ kind: "incidents", trouble: new Set(["contained", "mended", "twice"]) });
  });

  it("by incidents: nothing without one that somebody could judge", () => {
    expect(truthOfIncidents([incident("only-observed", { dryRun: true })], 0)).toBeNull();
  });

  it("by a file: the agents it names, which may be none", () => {
    expect(truthFrom(write('{"trouble": []}'))).toEqual({ kind: "file", trouble: new Set() });
  });

  it.each(["[]", "null", "no", '{"trouble": "a"}', '{"trouble": [1]}'])("by no file such as %s", (text) => {
    expect(() => truthFrom(write(text))).toThrow(/must be a JSON object such as/);
  });
});
