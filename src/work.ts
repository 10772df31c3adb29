import { contain } from "./contain/contain.ts";
import { freeze } from "./contain/freeze.ts";
import type { ContainPorts } from "./contain/ports.ts";
import { correlate } from "./detect/correlate.ts";
import type { JobData, QueueName } from "./incident/jobs.ts";
import { investigate } from "./learn/investigate.ts";
import { notify } from "./notify/notify.ts";
import { standDown } from "./recover/stand-down.ts";
import type { Services } from "./services.ts";

type Handler<Q extends QueueName> = (
  services: Services,
  data: JobData[Q],
  abort: AbortSignal,
) => Promise<Record<string, unknown>>;

/** Which flow works which queue. */
export const handlers: { [Q in QueueName]: Handler<Q> } = {
  freeze: (services, data, abort) => freeze(containPorts(services), data, abort),
  contain: (services, data, abort) => contain(containPorts(services), data, abort),
  correlate: (services, data) => correlate(services, data),
  forensics: (services, data) => investigate(services, data),
  notification: (services, data) => notify(services, data),
  recovery: (services, data, abort) => standDown(containPorts(services), data, abort),
};

export function containPorts(services: Services): ContainPorts {
  const { settings } = services;
  return {
    ...services,
    limits: settings.gateway,
    containment: settings.containment,
    fleetAgent: (agentId) => settings.fleet.agents.find((agent) => agent.id === agentId),
  };
}
