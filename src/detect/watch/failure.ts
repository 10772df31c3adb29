import type { Signal } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import { type AnswerPorts, answer } from "../answer.ts";

/** Stands for the agent in what is about no agent, or about all. */
export const RESPONDER = "tourniquet";

const HOUR_MS = 3_600_000;

export interface CheckFailure {
  agentId: string;
  /** What failed: one warning per agent, check and hour, however often it fails. */
  check: string;
  sentence: string;
  observed: Readonly<Record<string, string | number>>;
  thresholds?: Readonly<Record<string, string | number>>;
  events?: readonly string[];
  /** Milliseconds since 1970, by Redis. */
  at: number;
}

/** D13: a check of ours that failed is a warning, never silence. */
export async function reportFailure(ports: AnswerPorts, failure: CheckFailure): Promise<void> {
  const { agentId, check, sentence, observed, thresholds = {}, events = [], at } = failure;
  const signal: Signal = {
    id: signalId("detection-failure", agentId, `${check} hour ${Math.floor(at / HOUR_MS)}`),
    kind: "detection-failure",
    severity: "warning",
    agentId,
    occurredAt: at,
    suspectPayee: null,
    why: { rule: `check-${check}`, ruleVersion: 1, sentence, thresholds, observed, baseline: null, events },
  };
  ports.log.warn({ agentId, check, ...observed }, "check.failed");
  await answer(ports, null, [signal]);
}
