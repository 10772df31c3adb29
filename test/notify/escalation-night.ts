import type { Channel } from "../../src/incident/escalation.ts";
import type { Dispatch, JobData } from "../../src/incident/jobs.ts";
import type { OpenRequest } from "../../src/incident/ports.ts";
import { auditEscalations } from "../../src/notify/audit-escalations.ts";
import { escalate, wakeEscalations } from "../../src/notify/escalate.ts";
import { longAgo, MINUTE } from "../redis/escalating.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

type Job = JobData["notification"];

export const policy = {
  P0: [
    { afterMs: 5 * MINUTE, to: ["slack", "pagerduty-secondary", "webhook"] },
    { afterMs: 9 * MINUTE, to: ["webhook"] },
  ],
} as const satisfies OpenRequest["escalation"];

/** Incidents that wait for somebody, with the queue in the hands of the test. */
export async function escalationNight() {
  const stores = await openStores();
  /** Adding the same id twice is one job, as in the queue. */
  const jobs = new Map<string, Job>();
  const errors: [string, unknown][] = [];
  const reachable: Channel[] = [];
  const dispatch: Dispatch = {
    async add(_queue, _about, jobId, data) {
      if (!jobs.has(jobId)) jobs.set(jobId, data as Job);
    },
    isLive: async () => false,
  };
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: unknown, what: string) => void errors.push([what, fields]),
  };
  const ports = { ...stores, dispatch, log, reachable };
  let agents = 0;
  const night = {
    stores: stores satisfies Stores,
    ports,
    jobs,
    errors,
    /** Nothing is there any more, and these channels are configured. */
    async begin(...configured: Channel[]) {
      await stores.redis.flushdb();
      jobs.clear();
      errors.splice(0);
      reachable.splice(0, reachable.length, ...configured);
    },
    async open(more: Partial<OpenRequest> = {}) {
      agents += 1;
      const request = openRequest({ agentId: `agent-${agents}` }, { escalation: policy, ...more });
      return (await stores.incidents.open(request)).incidentId;
    },
    ago: (incidentId: string, ms: number) => longAgo(stores, incidentId, ms),
    /** Opened so long ago. */
    async openAgo(ms: number, more: Partial<OpenRequest> = {}) {
      const incidentId = await night.open(more);
      await longAgo(stores, incidentId, ms);
      return incidentId;
    },
    wake: () => wakeEscalations(ports, 0),
    audit: () => auditEscalations(ports, 0),
    /** The escalate job that is there. */
    job: () => [...jobs.values()].find((job) => job.kind === "escalate")!,
    /** Works every escalate job there is now, and takes it out of the queue. */
    async work() {
      const answers: string[] = [];
      for (const [jobId, job] of [...jobs]) {
        if (job.kind !== "escalate") continue;
        answers.push((await escalate(ports, job)).answer);
        jobs.delete(jobId);
      }
      return answers;
    },
    sent: () => [...jobs].filter(([, job]) => job.kind === "send").map(([jobId]) => jobId),
    timeline: async (incidentId: string) =>
      (await stores.incidents.view(incidentId))!.timeline.map(({ what, detail }) => ({ what, ...detail })),
  };
  return night;
}

/** The ids of the jobs that tell one level of an incident. */
export const sentOf = (incidentId: string, level: number, ...to: string[]) =>
  to.map((channel) => `escalated-${incidentId}-P0-${level}-${channel}`);
