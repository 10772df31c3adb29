import { describe, expect, it } from "vitest";
import type { Priority } from "../../src/incident/incident.ts";
import { type SignalKind, signalKinds } from "../../src/incident/signal.ts";
import { runbookFor, runbooks } from "../../src/runbooks/index.ts";

/** Mission P2 and the rows RB1 to RB6: how urgent each signal makes an incident, and what is done about the budget. */
const table: Readonly<Record<Exclude<SignalKind, "detection-failure">, [Priority, "freeze" | "halve" | "leave"]>> = {
  "budget-exhaustion": ["P0", "freeze"],
  "cost-anomaly": ["P0", "freeze"],
  "escrow-burst": ["P0", "freeze"],
  "identity-compromise": ["P0", "freeze"],
  "shared-resource-exhausted": ["P0", "freeze"],
  "suspicious-tool-sequence": ["P0", "freeze"],
  "data-exfiltration": ["P0", "freeze"],
  "fleet-shutdown": ["P0", "freeze"],
  "containment-order": ["P0", "freeze"],
  "payee-concentration": ["P1", "freeze"],
  "cancellation-rate": ["P1", "freeze"],
  "tool-call-burst": ["P1", "freeze"],
  "budget-warning": ["P2", "halve"],
  "reputation-drift": ["P2", "halve"],
  "error-spike": ["P2", "leave"],
};

describe("what goes with a priority (mission P2)", () => {
  it.each(Object.entries(table))("%s: %s", (kind, expected) => {
    const { runbook, priority } = runbookFor(kind as SignalKind);
    expect([priority, runbook.budget]).toEqual(expected);
  });

  it("is settled for every signal but a failed check of ours, which contains nobody by default", () => {
    expect([...Object.keys(table), "detection-failure"].sort()).toEqual([...signalKinds].sort());
    const handled = runbooks.flatMap(({ handles }) => Object.keys(handles));
    expect(handled).not.toContain("detection-failure");
    expect(handled.length).toBe(new Set(handled).size);
  });
});
