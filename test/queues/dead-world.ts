import type { DeadLetter, DeadLetterFilter, DeadLetters, DeadQueue } from "../../src/incident/dead-letter.ts";
import type { JobData } from "../../src/incident/jobs.ts";
import type { Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

/** A world in which jobs of containment die. */
export interface DeadWorld extends World {
  letters: DeadLetters;
  list(filter?: DeadLetterFilter): Promise<readonly DeadLetter[]>;
  /** A job of this agent that the gateway refused for good. */
  deadFreeze(agentId: string): Promise<DeadLetter>;
  /** What it had refused is taken from now on. */
  renewKey(): void;
  failedAt(queue: DeadQueue, jobId: string, data: JobData[DeadQueue], at: number): Promise<void>;
}

export const order = { limit: 100, dryRun: false, by: "ada", reason: "the key was renewed" };

export async function deadWorld(partitions = 1): Promise<DeadWorld> {
  const world = await createWorld({ workers: ["containment"], ticker: false, partitions });
  const { services } = world;
  const letters = services.deadLetters;
  const list: DeadWorld["list"] = async (filter = {}) => (await letters.list(filter, 100)).deadLetters;
  const useKey = (key: string) => {
    services.heldSettings.reload(() => readSettings("keys: { containment: { env: KEY } }", { KEY: key }));
  };
  return {
    ...world,
    letters,
    list,
    async deadFreeze(agentId) {
      // The key of another agent: no attempt after the first would go otherwise.
      useKey("sandbox-agent-somebody-else");
      await world.admin.placeAgent(agentId);
      const jobId = `see-caps-${agentId}`;
      await services.dispatch.add("freeze", agentId, jobId, { seeCapsOf: agentId });
      return until(async () => (await list({ id: jobId }))[0], `${jobId} to fail for good`);
    },
    renewKey: () => useKey("sandbox-admin-tests"),
    failedAt: (...rest) => failedAt(services, ...rest),
  };
}

/** As a worker leaves it that had no attempts left, at a time of one's own. */
export async function failedAt(
  { queues, redis }: Pick<Services, "queues" | "redis">,
  queue: DeadQueue,
  jobId: string,
  data: JobData[DeadQueue],
  at: number,
): Promise<void> {
  const bull = queues.of(queue, 0);
  await bull.add(queue, data, { jobId, delay: 3_600_000 });
  await redis
    .multi()
    .zrem(bull.toKey("delayed"), jobId)
    .hset(bull.toKey(jobId), { finishedOn: at, atm: 2, failedReason: "gateway-refused: 403" })
    .zadd(bull.toKey("failed"), at, jobId)
    .exec();
}
