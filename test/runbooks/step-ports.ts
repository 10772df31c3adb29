import type { Gateway } from "../../src/incident/gateway.ts";
import type { Dispatch } from "../../src/incident/jobs.ts";
import type { Log } from "../../src/incident/ports.ts";
import { planOf } from "../../src/runbooks/plan.ts";
import type { StepPorts } from "../../src/runbooks/runbook.ts";
import { similarAgents } from "../../src/runbooks/similar-agents.ts";
import { readSettings } from "../../src/settings/settings.ts";
import type { Stores } from "../redis/open-stores.ts";

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface Added {
  queue: string;
  jobId: string;
  data: unknown;
  delayMs: number | undefined;
}

/** Keeps what was handed over, as the queues would: one job an id. */
export function recordedDispatch(): Dispatch & { added: Added[] } {
  const added: Added[] = [];
  return {
    added,
    async add(queue, _agentOrIncident, jobId, data, options) {
      if (!added.some((job) => job.jobId === jobId && job.queue === queue))
        added.push({ queue, jobId, data, delayMs: options?.delayMs });
    },
    isLive: async (queue, _agentOrIncident, jobId) => added.some((job) => job.jobId === jobId && job.queue === queue),
  };
}

/** Real stores, the given gateway, waits that are over at once. */
export function stepPorts(
  stores: Stores,
  gateway: Gateway,
  settings = readSettings(undefined, {}),
): StepPorts & { dispatch: ReturnType<typeof recordedDispatch> } {
  return {
    ...stores,
    gateway,
    dispatch: recordedDispatch(),
    clock: { ...stores.clock, wait: async () => undefined },
    pace: { turn: async () => undefined },
    log: silent,
    limits: settings.gateway,
    agentControl: null,
    similarTo: (agentId, tools) =>
      similarAgents(settings.fleet.agents, settings.agentControl.restrictSimilar, agentId, tools),
    budgetOf: (incident) => planOf(incident).budget,
    fleetAgent: (agentId) => settings.fleet.agents.find(({ id }) => id === agentId),
  };
}
