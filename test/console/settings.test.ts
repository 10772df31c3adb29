import { describe, expect, it } from "vitest";
import { linesOf, type Shown } from "../../src/console/pages/settings/answers.ts";

const inForce: Shown = {
  lines: { mode: 1, "fleet.agents[0].id": 4, "notify.routes.P0": 9 },
  tuned: [{ path: "thresholds.agents.a-1.costAnomaly.sigmas", value: 2.5, fileValue: 2, tuning: "tun-1" }],
  settings: {
    mode: "act",
    fleet: { agents: [{ id: "a-1", value: "high", tools: [] }] },
    notify: { routes: { P0: ["slack", "pagerduty"] } },
    thresholds: { agents: { "a-1": { costAnomaly: { sigmas: 2.5 } } } },
    keys: { agents: {} },
  },
};
const line = (path: string) => linesOf(inForce).find((one) => one.path === path);

describe("every value in force", () => {
  it("says the line of the file it comes from", () => {
    expect(line("mode")).toEqual({ path: "mode", value: "act", origin: "line 1 of the file", isDefault: false });
  });

  it("is named after the agent it belongs to", () => {
    expect(line("fleet.agents[a-1].id")).toMatchObject({ value: "a-1", origin: "line 4 of the file" });
  });

  it("is a default where the file says nothing of it", () => {
    expect(line("fleet.agents[a-1].value")).toMatchObject({ value: "high", origin: "default", isDefault: true });
    expect(line("fleet.agents[a-1].tools")).toMatchObject({ value: "none" });
  });

  it("is a list in one line, with the line that says the list", () => {
    expect(line("notify.routes.P0")).toMatchObject({ value: "slack, pagerduty", origin: "line 9 of the file" });
  });

  it("comes from what an incident taught before it comes from the file", () => {
    const { origin, value } = line("thresholds.agents.a-1.costAnomaly.sigmas")!;
    expect([value, origin]).toEqual(["2.5", "tuning tun-1; the file says 2"]);
  });
});
