import type { Scenario } from "../../sandbox/scenarios/scenario.ts";

/**
 * What the fleet of a scenario would write into its settings file: who is there, what they share, which keys are pinned.
 * Every threshold is left at its default. JSON, which is YAML.
 */
export function settingsOf(scenario: Scenario): string {
  const { watchEveryMs, holdEveryMs } = scenario.switches ?? {};
  return JSON.stringify({
    fleet: {
      agents: scenario.agents.map((agent) => ({
        id: agent.agentId,
        value: agent.value,
        wallet: agent.walletId,
        tools: agent.tools,
        prompt: agent.prompt,
        pinnedPublicKey: agent.publicKey,
        reputationBaseline: agent.reputation,
        caps: { daily: agent.dailyCap, monthly: agent.monthlyCap, alertThreshold: agent.alertThreshold },
      })),
    },
    watch: watchEveryMs && {
      highValueEveryMs: watchEveryMs,
      lowValueEveryMs: watchEveryMs,
      webhookGraceMs: watchEveryMs,
    },
    containment: holdEveryMs && { holdIntervalMs: holdEveryMs },
  });
}
