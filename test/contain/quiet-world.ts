import { contain } from "../../src/contain/contain.ts";
import { type FreezeJob, freeze } from "../../src/contain/freeze.ts";
import type { ContainPorts } from "../../src/contain/ports.ts";
import type { QueueName } from "../../src/incident/jobs.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { containPorts } from "../../src/work.ts";
import { aSignal } from "../redis/open-request.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

/** A world in which nothing happens by itself: a test runs the flows as the workers would, and time passes when it says so. */
export interface QuietWorld extends World {
  ports: ContainPorts;
  /** A freeze job on its way, for a signal of this agent. */
  handOver(given?: Partial<Signal>): Promise<FreezeJob & object>;
  freeze(job: FreezeJob, ports?: Partial<ContainPorts>): ReturnType<typeof freeze>;
  contain(incidentId: string, ports?: Partial<ContainPorts>): ReturnType<typeof contain>;
  /** Hands over, freezes and contains; the incident's id. */
  contained(given?: Partial<Signal>): Promise<string>;
  agent(): Promise<Awaited<ReturnType<World["admin"]["state"]>>["agents"][number]>;
  /** What waits in a queue: the names of its jobs. */
  jobs(queue: QueueName): Promise<string[]>;
  /** A call at the gateway's own routes with this agent's key, or an admin's for null; the status of the answer. */
  callAs(agentId: string | null, method: string, path: string, body?: unknown): Promise<number>;
}

const agentId = "agent-7";

export async function quietWorld(options: WorldOptions = {}): Promise<QuietWorld> {
  const world = await createWorld({ workers: [], ticker: false, ...options });
  await world.admin.placeAgent(agentId);
  const { services } = world;
  const all = containPorts(services);
  const ports: ContainPorts = { ...all, clock: { ...all.clock, wait: async () => undefined } };
  const { signal: abort } = new AbortController();
  const quiet: QuietWorld = {
    ...world,
    ports,
    async handOver(given = {}) {
      const { eventId } = await world.deliver({
        event_type: "escrow_state_change",
        agent_id: agentId,
        payload: { escrow_id: `esc-${Math.random()}`, payer: agentId, payee: "flaky-upstream", status: "held" },
      });
      const signal = aSignal({ agentId, ...given });
      await services.verdicts.keep({
        signal,
        tier: "auto-contain",
        decidedBy: "default policy: critical -> auto-contain",
        eventId,
      });
      return { eventId, agentId, signalId: signal.id };
    },
    freeze: (job, more = {}) => freeze({ ...ports, ...more }, job, abort),
    contain: (incidentId, more = {}) => contain({ ...ports, ...more }, { incidentId }, abort),
    async contained(given) {
      const { incidentId } = await quiet.freeze(await quiet.handOver(given));
      await quiet.contain(incidentId!);
      return incidentId!;
    },
    async agent() {
      return (await world.admin.state()).agents.find((agent) => agent.agentId === agentId)!;
    },
    async jobs(queue) {
      const found = await services.queues.of(queue, 0).getJobs();
      return found.map((job) => job.id ?? "");
    },
    async callAs(caller, method, path, body) {
      const answer = await fetch(`${world.sandbox.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${caller === null ? "sandbox-admin-somebody" : `sandbox-agent-${caller}`}`,
          "content-type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
  return quiet;
}
