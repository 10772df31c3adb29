import { contain } from "./contain/contain.ts";
import { answerFullShutdown } from "./contain/fleet.ts";
import { freeze } from "./contain/freeze.ts";
import type { ContainPorts } from "./contain/ports.ts";
import { joinCascade } from "./detect/cascade.ts";
import { correlate } from "./detect/correlate.ts";
import { readStored } from "./detect/event.ts";
import { watch } from "./detect/watch.ts";
import type { JobData, QueueName } from "./incident/jobs.ts";
import { investigate } from "./learn/investigate.ts";
import { investigateCascade } from "./learn/investigate-cascade.ts";
import { writePostMortem } from "./learn/post-mortem/write-post-mortem.ts";
import { learnFrom } from "./learn/tuning/tuning.ts";
import type { Attempt } from "./notify/attempt.ts";
import { notify } from "./notify/notify.ts";
import { recover } from "./recover/recover.ts";
import { standDown } from "./recover/stand-down.ts";
import { planOf } from "./runbooks/plan.ts";
import { similarAgents } from "./runbooks/similar-agents.ts";
import type { Services } from "./services.ts";
import { fleetAgent, thresholdsFor } from "./settings/settings.ts";

type Handler<Q extends QueueName> = (
  services: Services,
  data: JobData[Q],
  abort: AbortSignal,
  attempt: Attempt,
) => Promise<Record<string, unknown>>;

/** Which flow works which queue. */
const flows: { [Q in QueueName]: Handler<Q> } = {
  freeze: (services, data, abort) =>
    "shutdownFor" in data
      ? answerFullShutdown(services, data.shutdownFor)
      : freeze(containPorts(services), data, abort),
  contain: (services, data, abort) => contain(containPorts(services), data, abort),
  correlate: (services, data) => ("eventId" in data ? correlate(services, data) : joinCascade(services, data)),
  forensics: (services, data) => {
    if ("cascadeId" in data) return investigateCascade(services, data);
    const { incidentId, part } = data;
    const ports = { ...services, readEvent: readStored };
    return part === "post-mortem" ? learn(services, incidentId) : investigate(ports, { incidentId, part });
  },
  notification: (services, data, abort, attempt) => notify(services, data, attempt, abort),
  recovery: (services, data, abort) => recoverOrStandDown({ ...services, ...services.ordered }, data, abort),
  watch: (services, data, abort) => watch(services, data, abort),
};

/** Both are what a named person ordered, observe-only mode or not; a false alarm goes before a recovery of the same incident. */
async function recoverOrStandDown(
  services: Services,
  data: JobData["recovery"],
  abort: AbortSignal,
): Promise<Record<string, unknown>> {
  const ports = { ...services, ...containPorts(services), settings: services.settings };
  const end = await standDown(ports, data, abort);
  return end.answer === "not-asked" || end.answer === "over" ? recover(ports, data, abort) : end;
}

/** What is learned from it stands in the post-mortem (F4, F6); where that fails the post-mortem is written all the same. */
async function learn(services: Services, incidentId: string): Promise<Record<string, unknown>> {
  const incident = await services.incidents.view(incidentId);
  const fileThresholds = (agentId: string) => thresholdsFor(services.heldSettings.file, agentId);
  const [learned] = await Promise.allSettled([incident && learnFrom({ ...services, fileThresholds }, incident)]);
  const written = await writePostMortem({ ...services, readEvent: readStored }, { incidentId });
  if (learned.status === "rejected") throw learned.reason;
  return { ...written, tuning: learned.value?.answer };
}

/** Settings may be exchanged at any moment; a job in hand goes on with those it began with. */
export function work<Q extends QueueName>(
  queue: Q,
  services: Services,
  data: JobData[Q],
  abort: AbortSignal,
  attempt: Attempt,
): Promise<Record<string, unknown>> {
  return flows[queue]({ ...services, settings: { ...services.settings } }, data, abort, attempt);
}

export function containPorts(services: Services): ContainPorts {
  const { settings } = services;
  return {
    ...services,
    limits: settings.gateway,
    containment: settings.containment,
    fleetAgent: (agentId) => fleetAgent(settings, agentId),
    similarTo: (agentId, tools) =>
      similarAgents(settings.fleet.agents, settings.agentControl.restrictSimilar, agentId, tools),
    budgetOf: (incident) => planOf(incident).budget,
  };
}
