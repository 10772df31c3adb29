import { describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import type { Snapshot } from "../../src/incident/snapshot.ts";
import { capsToRestore } from "../../src/runbooks/caps-to-restore.ts";

const snapshot = (caps: Partial<Snapshot>): Snapshot => ({
  dailyCap: money("500"),
  monthlyCap: money("9000"),
  alertThreshold: 0.7,
  source: "gateway",
  at: 1,
  ...caps,
});
const agent = (monthly: string | null) => ({
  id: "a",
  value: "high" as const,
  wallet: undefined,
  tools: [],
  prompt: undefined,
  service: undefined,
  reputationBaseline: undefined,
  pinnedPublicKey: undefined,
  caps: { daily: money("500"), monthly: monthly === null ? null : money(monthly), alertThreshold: 0.8 },
});

describe("what a release puts back", () => {
  it("is the snapshot exactly, whatever the settings say", () => {
    expect(capsToRestore(snapshot({}), agent("1"))).toEqual({
      dailyCap: money("500"),
      monthlyCap: money("9000"),
      alertThreshold: 0.7,
    });
  });

  it("keeps an uncapped month uncapped", () => {
    expect(capsToRestore(snapshot({ monthlyCap: null }), undefined).monthlyCap).toBeNull();
  });
});

describe("where the gateway never showed the monthly cap", () => {
  it("takes the fleet's settings", () => {
    expect(capsToRestore(snapshot({ monthlyCap: undefined }), agent("7000")).monthlyCap).toBe(money("7000"));
  });

  it("else thirty daily ones, never no cap at all", () => {
    expect(capsToRestore(snapshot({ monthlyCap: undefined }), undefined).monthlyCap).toBe(money("15000"));
  });

  it("leaves an agent without a daily cap without a monthly one", () => {
    expect(capsToRestore(snapshot({ dailyCap: null, monthlyCap: undefined }), undefined).monthlyCap).toBeNull();
  });
});
