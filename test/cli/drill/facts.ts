import type { DrillFacts, Effect } from "../../../src/cli/drill/facts.ts";
import type { IncidentView } from "../../../src/incident/incident.ts";
import type { Signal, SignalKind } from "../../../src/incident/signal.ts";
import { trader } from "../../../src/sandbox/scenarios/ordinary.ts";
import type { Expected, Scenario } from "../../../src/sandbox/scenarios/scenario.ts";

/** The key of the product in these drills. */
export const US = "sandbox-admin-us";

/** One agent that runs away and one that does not. */
export function scenarioOf(expected: Partial<Expected> = {}): Scenario {
  return {
    ...{ name: "x", story: "x", speed: 1, acts: [] },
    agents: [trader("rogue"), trader("neighbour")],
    expected: {
      signal: "escrow-burst",
      isSingleCause: true,
      ...(expected.signal === null ? {} : { frozen: ["rogue"], comesBack: [{ payer: "rogue" }] }),
      ...expected,
    },
  };
}

type Line = Omit<Effect, "seq">;

export const created = (escrowId: string, payer = "rogue", payee = "shell", amount = "150.00"): Line => ({
  ...{ effect: "escrow.created", agentId: payer, actor: payer, escrowId, payee, amount },
});
export const ended = (how: "refunded" | "settled", escrowId: string, actor = US, payer = "rogue"): Line => ({
  ...{ effect: `escrow.${how}`, agentId: payer, actor, escrowId, amount: "150.00" },
});
export const caps = (daily: string, agentId = "rogue", actor = US): Line => ({
  ...{ effect: "budget.set", agentId, actor, caps: { daily, monthly: daily } },
});

export const control = (change: Record<string, unknown>, agentId = "rogue"): Line => ({
  ...{ effect: "control.set", agentId, detail: JSON.stringify(change) },
});
/** As agent control does it: one thing after the other. */
export const pulledUp: readonly Line[] = [
  control({ tools: "none" }),
  control({ isolated: true }),
  control({ paused: true }),
];

/** The gateway's account of an agent that was stopped after two escrows. */
export const stopped: readonly Line[] = [
  created("esc-1"),
  created("esc-2"),
  caps("0.00"),
  ended("refunded", "esc-1"),
  ended("refunded", "esc-2"),
];

export function factsOf(lines: readonly Line[], facts: Partial<DrillFacts> = {}): DrillFacts {
  return {
    effects: lines.map((line, index) => ({ ...line, seq: index + 1 })),
    ...{ doubleRefunds: [], incidents: [incident()], verdicts: [], cascades: [] },
    intake: intake(),
    ...facts,
  };
}

export function intake(counts: { accepted?: number; pending?: number; stale?: number } = {}): DrillFacts["intake"] {
  const { accepted = 2, pending = 0, stale = 0 } = counts;
  const dispositions = { acted: 1, joined: 0, duplicate: 0, stale, ignored: 1, quarantined: 0 };
  return { accepted, pending, dispositions, rejected: 0, quarantineSize: 0, oldestPendingMs: 0 };
}

export const cascadeOf = (agentIds: readonly string[], rootCause: string): DrillFacts["cascades"][number] =>
  ({
    members: agentIds.map((agentId) => ({ agentId })),
    rootCause: { agentId: rootCause, why: "its trouble began first" },
  }) as never;

/** Signals in the order of their time; the first named opened it unless told otherwise. */
export function incident(
  kinds: readonly SignalKind[] = ["escrow-burst"],
  rest: Partial<IncidentView> = {},
  openedBy: SignalKind = kinds[0]!,
): IncidentView {
  const signals = kinds.map(
    (kind, index) => ({ id: `sig-${kind}`, kind, occurredAt: index, why: { sentence: `of ${kind}` } }) as Signal,
  );
  const opening = { at: 0, phase: "detect", what: "incident-opened", detail: { signal: `sig-${openedBy}` } } as const;
  return {
    ...{ id: "inc-1", agentId: "rogue", status: "contained", dryRun: false, reassertions: 0 },
    ...{ receivedAt: 1_000, effectiveAt: 1_040, signals, timeline: [opening] },
    ...rest,
  } as IncidentView;
}
