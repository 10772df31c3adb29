import { type Severity, type SignalKind, signalKinds } from "../incident/signal.ts";
import type { PolicyRule } from "./settings.ts";

/** What a line of policy is asked about. */
export interface Asked {
  kind: SignalKind;
  severity: Severity;
  agentId: string;
}

export const severities = ["info", "warning", "critical"] as const satisfies readonly Severity[];
/** Stands for every agent that no line names. */
export const ANY_AGENT = "";

/** The line that decides: the first that matches (P1). Undefined: none answers. */
export function lineFor(policy: readonly PolicyRule[], asked: Asked): PolicyRule | undefined {
  return policy.find(
    (rule) =>
      (rule.signal === undefined || rule.signal === asked.kind) &&
      (rule.severity === undefined || rule.severity === asked.severity) &&
      (rule.agent === undefined || rule.agent === asked.agentId),
  );
}

/** The line as a person reads it: what it is about and what it answers. */
export function lineText(rule: PolicyRule): string {
  const condition = [rule.agent, rule.signal, rule.severity].filter((part) => part !== undefined).join(", ");
  return `${rule.source}: ${condition || "anything"} -> ${rule.tier}`;
}

/** Lines of the file that never decide, because lines before them answer all that they are about. */
export function unreachable(policy: readonly PolicyRule[]): readonly PolicyRule[] {
  const agents = [ANY_AGENT, ...new Set(policy.flatMap(({ agent }) => agent ?? []))];
  const decides = new Set<PolicyRule | undefined>();
  for (const kind of signalKinds)
    for (const severity of severities)
      for (const agentId of agents) decides.add(lineFor(policy, { kind, severity, agentId }));
  return policy.filter((rule) => !decides.has(rule) && rule.source !== DEFAULT_POLICY);
}

export const DEFAULT_POLICY = "default policy";
