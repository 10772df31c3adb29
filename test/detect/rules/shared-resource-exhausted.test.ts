import { describe, expect, it } from "vitest";
import { sharedResourceExhausted, type WalletView } from "../../../src/detect/rules/shared-resource-exhausted.ts";
import { money } from "../../../src/incident/money.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { noon } from "./windows.ts";

let events = 0;
const entry = (agentId: string, afterMs: number, balance: string | null = null) => {
  events += 1;
  return { agentId, at: noon + afterMs, balance, eventId: `evt-0-${events}` };
};
const sharers = ["a", "b", "c"];
const find = (agentId: string, entries: WalletView["entries"], given = {}) =>
  sharedResourceExhausted.find(
    { agentId, wallet: "ops", sharers, entries, epoch: 0, observed: 0 },
    { ...defaultThresholds, sharedResource: { ...defaultThresholds.sharedResource, ...given } },
  );
const WINDOW_MS = 300_000;

describe("agents of one wallet that fail for lack of balance", () => {
  it.each([
    [WINDOW_MS, "critical"],
    [WINDOW_MS + 1, undefined],
  ])("two of them, %i ms apart: %s", (apart, severity) => {
    const entries = [entry("a", 0), entry("b", apart)];
    expect(find("a", entries)?.severity).toBe(severity);
    expect(find("b", entries)?.severity).toBe(severity);
  });

  it("one of them alone is its own affair, however often", () => {
    expect(find("a", [entry("a", 0), entry("a", 1_000), entry("a", 2_000)])).toBeNull();
  });

  it("so many as the settings say", () => {
    const entries = [entry("a", 0), entry("b", 1_000)];
    expect(find("a", entries, { agents: 3 })).toBeNull();
    expect(find("a", [...entries, entry("c", 2_000)], { agents: 3 })).toMatchObject({ severity: "critical" });
  });

  it("concerns those who failed, and names who shares the wallet with them", () => {
    const entries = [entry("a", 0), entry("b", 1_000)];
    expect(find("c", entries)).toBeNull();
    expect(find("a", entries)).toMatchObject({
      sentence: "Wallet ops: a, b failed for lack of balance; c share it",
      observed: { wallet: "ops", failedAgents: 2 },
      entries,
    });
  });

  it("does not count together who is too far from the agent itself", () => {
    const entries = [entry("a", 0), entry("b", WINDOW_MS + 1), entry("c", WINDOW_MS + 2)];
    expect(find("a", entries)).toBeNull();
    expect(find("b", entries)).toMatchObject({ observed: { failedAgents: 2 } });
  });
});

describe("the balance that agents share", () => {
  it.each([
    ["0.00", "0.00", "critical"],
    ["0.00000001", "0.00", undefined],
    ["25.00", "25.00", "critical"],
    ["25.01", "25.00", undefined],
  ])("read as %s, at a minimum of %s, while one of them fails: %s", (balance, minimum, severity) => {
    const entries = [entry("b", 0, balance), entry("a", 1_000)];
    expect(find("a", entries, { minimumBalance: money(minimum) })?.severity).toBe(severity);
    expect(find("b", entries, { minimumBalance: money(minimum) })).toBeNull();
  });

  it.each([
    [WINDOW_MS, "critical"],
    [WINDOW_MS + 1, undefined],
  ])("counts for a failure %i ms away: %s", (apart, severity) => {
    expect(find("b", [entry("a", 0, "0.00"), entry("b", apart)])?.severity).toBe(severity);
  });

  it("gone before anybody failed is a warning, said of one agent only", () => {
    const entries = [entry("b", 0, "0.00"), entry("c", 1_000, "0.00")];
    expect(find("a", entries)).toMatchObject({ severity: "warning", observed: { balance: "0.00", failedAgents: 0 } });
    expect([find("b", entries), find("c", entries)]).toEqual([null, null]);
  });

  it("of an agent that shares it with nobody is its own affair", () => {
    const view = { agentId: "a", wallet: "own", sharers: ["a"], epoch: 0, observed: 0 };
    expect(sharedResourceExhausted.find({ ...view, entries: [entry("a", 0, "0.00")] }, defaultThresholds)).toBeNull();
  });
});
