import type { GatewayEvent } from "../../incident/event.ts";
import type { Severity, Signal } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find, missing, readNumber } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** How far an agent's score fell in one step. */
export const reputationChange: EventType = { names: ["reputation_change"], follows: "correlate", read, judge };

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readAgent(envelope, mistakes);
  const delta = find(envelope, ["score_delta"]);
  if (delta === null) mistakes.push(missing(envelope, "score_delta", "must say by how much the score changed"));
  const scoreDelta = readNumber(delta, mistakes);
  const score = readNumber(find(envelope, ["reputation_score"]), mistakes);
  if (mistakes.length > 0 || scoreDelta === null) return { ok: false, mistakes };
  return { ok: true, agentId, facts: { kind: "reputation", scoreDelta, score } };
}

/** Mission D2, pushed: strictly below. */
function judge(event: GatewayEvent, { reputation }: Thresholds): readonly Signal[] {
  if (event.facts.kind !== "reputation" || event.agentId === null) return [];
  const { scoreDelta } = event.facts;
  const { criticalDelta, warningDelta } = reputation;
  if (scoreDelta < -criticalDelta) return [signal(event, event.agentId, "critical", -criticalDelta)];
  if (scoreDelta < -warningDelta) return [signal(event, event.agentId, "warning", -warningDelta)];
  return [];
}

function signal(event: GatewayEvent, agentId: string, severity: Severity, threshold: number): Signal {
  const { scoreDelta, score } = event.facts as Extract<GatewayEvent["facts"], { kind: "reputation" }>;
  return {
    id: signalId("reputation-drift", agentId, event.id),
    kind: "reputation-drift",
    severity,
    agentId,
    occurredAt: event.occurredAt,
    suspectPayee: null,
    why: {
      rule: "reputation-change",
      ruleVersion: 1,
      sentence: `The reputation of ${agentId} changed by ${scoreDelta} at once; the threshold is ${threshold}.`,
      thresholds: { scoreDelta: threshold },
      observed: score === null ? { scoreDelta } : { scoreDelta, score },
      baseline: null,
      events: [event.id],
    },
  };
}
