import { randomUUID } from "node:crypto";
import type { OpenRequest } from "../../src/incident/ports.ts";
import type { Signal } from "../../src/incident/signal.ts";

/** A critical signal, complete; what a test is about is given, the rest is made up. */
export function aSignal(given: Partial<Signal> = {}): Signal {
  return {
    id: `sig-${randomUUID()}`,
    kind: "escrow-burst",
    severity: "critical",
    agentId: "agent-7",
    occurredAt: Date.now(),
    suspectPayee: "flaky-upstream",
    why: {
      rule: "identical-escrows",
      ruleVersion: 1,
      sentence: "8 escrows of 150.00 to flaky-upstream within 15 s",
      thresholds: { identicalCount: 8 },
      observed: { count: 8 },
      baseline: null,
      events: ["evt-0-1"],
    },
    ...given,
  };
}

/** What opens an incident, for this signal. */
export function openRequest(given: Partial<Signal> = {}, more: Partial<OpenRequest> = {}): OpenRequest {
  return {
    signal: aSignal(given),
    runbook: "runaway-spending",
    priority: "P0",
    decidedBy: "default policy: critical -> auto-contain",
    receivedAt: Date.now(),
    dryRun: false,
    ...more,
  };
}
