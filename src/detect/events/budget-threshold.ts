import type { GatewayEvent } from "../../incident/event.ts";
import { dollars, percent } from "../../incident/plain-words.ts";
import type { Severity, Signal, SignalKind } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find, missing, readAmount, readNumber } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

const EXCEEDED = "budget_exceeded";

/** The share of its budget an agent has used (mission D1). */
export const budgetThreshold: EventType = { names: ["budget_threshold", EXCEEDED], follows: "correlate", read, judge };

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readAgent(envelope, mistakes);
  const utilizationPct = readUtilization(envelope, mistakes);
  const dailyLimit = readAmount(find(envelope, ["daily_limit", "daily_cap"]), mistakes);
  const dailySpent = readAmount(find(envelope, ["daily_spent", "daily_spend"]), mistakes);
  if (mistakes.length > 0 || utilizationPct === null) return { ok: false, mistakes };
  return { ok: true, agentId, facts: { kind: "budget", utilizationPct, dailyLimit, dailySpent } };
}

function readUtilization(envelope: Envelope, mistakes: Mistake[]): number | null {
  const found = find(envelope, ["utilization_pct"]);
  if (found === null && envelope.type === EXCEEDED) return 100;
  if (found === null)
    mistakes.push(missing(envelope, "utilization_pct", "must say how many percent of the budget are used"));
  const utilizationPct = readNumber(found, mistakes);
  if (utilizationPct === null || utilizationPct >= 0) return utilizationPct;
  mistakes.push({ field: found!.path, problem: "must not be negative" });
  return null;
}

function judge(event: GatewayEvent, thresholds: Thresholds): readonly Signal[] {
  if (event.facts.kind !== "budget" || event.agentId === null) return [];
  const { utilizationPct } = event.facts;
  if (utilizationPct >= thresholds.budgetExhaustionPct)
    return [signal(event, event.agentId, "budget-exhaustion", "critical", thresholds.budgetExhaustionPct)];
  if (utilizationPct >= thresholds.budgetWarningPct)
    return [signal(event, event.agentId, "budget-warning", "warning", thresholds.budgetWarningPct)];
  return [];
}

function signal(
  event: GatewayEvent,
  agentId: string,
  kind: SignalKind,
  severity: Severity,
  thresholdPct: number,
): Signal {
  const facts = event.facts as Extract<GatewayEvent["facts"], { kind: "budget" }>;
  const used = percent(facts.utilizationPct);
  const observed: Record<string, string | number> = { utilizationPct: Number(used) };
  if (facts.dailyLimit !== null) observed.dailyLimit = facts.dailyLimit;
  if (facts.dailySpent !== null) observed.dailySpent = facts.dailySpent;
  const limit = facts.dailyLimit === null ? "its budget" : `its daily budget of ${dollars(facts.dailyLimit)}`;
  return {
    id: signalId(kind, agentId, event.id),
    kind,
    severity,
    agentId,
    occurredAt: event.occurredAt,
    suspectPayee: null,
    why: {
      rule: "budget-threshold",
      ruleVersion: 1,
      sentence: `${agentId} has used ${used} % of ${limit}; the threshold is ${thresholdPct} %.`,
      thresholds: { utilizationPct: thresholdPct },
      observed,
      baseline: null,
      events: [event.id],
    },
  };
}
