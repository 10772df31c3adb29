import { partitionOf } from "../../redis/partitions.ts";
import type { Services } from "../../services.ts";
import { servicesOf } from "../doctor.ts";
import { fail, type Item, type Measured, ok, warn } from "../item.ts";
import { NAME_THEM, NOBODY, watchedAgents } from "../watched.ts";

const WORKED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 20;
const MOST_INCIDENTS = 50;

/**
 * The 60 s rule, rehearsed: a job of the freeze queue goes the way of every freeze, to a containment worker and from there to the
 * gateway; only that it reads the budget where a freeze would write it. No agent is touched. Beside it stands how long real
 * freezes took.
 */
export const timing: Item = {
  id: "timing",
  section: "containment",
  title: "a freeze takes effect in time",
  deadlineMs: 15_000,
  async measure(ports) {
    const services = servicesOf(ports);
    const [agentId] = await watchedAgents(services.settings, services);
    const real = await realFreezes(services);
    if (agentId === undefined) return warn(`${NOBODY}; ${sentence(real)}`, NAME_THEM, { detail: { real } });
    const startedAt = performance.now();
    // Fails here rather than in the queue, where people would be told of a job that died.
    await services.gateway.readBudget(agentId, { deadlineMs: services.settings.gateway.deadlineMs });
    const tripMs = Math.round(performance.now() - startedAt);
    const rehearsedMs = await rehearse(services, agentId);
    return judge(services, { agentId, tripMs, rehearsedMs, real });
  },
};

interface Times {
  agentId: string;
  /** One request to the gateway, from here. */
  tripMs: number;
  /** From queueing until the worker was done; null: nobody worked it. */
  rehearsedMs: number | null;
  real: readonly number[];
}

function judge({ settings, config }: Services, { agentId, tripMs, rehearsedMs, real }: Times): Measured {
  const { targetMs, ruleMs } = settings.containment;
  const more = {
    lines: [
      `rehearsed with ${agentId} at ${new URL(config.greenhelixBaseUrl).host}: queue, containment worker, one request to the gateway that reads where a freeze would write`,
      "not rehearsed: the write itself, and cancelling escrows; npx tourniquet drill plays the whole night against a sandbox",
      sentence(real),
    ],
    detail: { rehearsedMs, tripMs, targetMs, ruleMs, real },
  };
  if (rehearsedMs === null)
    return fail(
      `no containment worker took the rehearsal within ${WORKED_WITHIN_MS / 1000} s`,
      "Start npx tourniquet worker containment; if it runs, its log says what holds it up",
      more,
    );
  const found = `rehearsed in ${rehearsedMs} ms (target ${targetMs} ms), one request to the gateway ${tripMs} ms`;
  const late = real.filter((ms) => ms > ruleMs).length;
  if (rehearsedMs > ruleMs) return fail(found, "Start more containment workers, or mend the way to the gateway", more);
  if (rehearsedMs > targetMs)
    return warn(found, "Start more containment workers nearer to Redis and the gateway", more);
  if (late > 0)
    return warn(
      `${found}; ${late} real freezes took longer than ${ruleMs / 1000} s`,
      "Read what held them up: npx tourniquet incidents list",
      more,
    );
  return ok(found, more);
}

function sentence(real: readonly number[]): string {
  if (real.length === 0) return "no real freeze yet to compare with";
  const sorted = [...real].sort((a, b) => a - b);
  return `the last ${real.length} real freezes took effect after ${sorted[Math.floor(sorted.length / 2)]} ms in the middle, ${sorted.at(-1)} ms at most`;
}

async function realFreezes({ incidents }: Services): Promise<readonly number[]> {
  const found = await incidents.list(MOST_INCIDENTS);
  return found.flatMap(({ dryRun, effectiveAt, receivedAt }) =>
    dryRun || effectiveAt === null ? [] : [effectiveAt - receivedAt],
  );
}

/** Milliseconds; null where nobody worked it in time. Nothing of it is left in the queue. */
async function rehearse({ queues, clock, config }: Services, agentId: string): Promise<number | null> {
  const queue = queues.of("freeze", partitionOf(agentId, config.partitions));
  const startedAt = performance.now();
  const job = await queue.add("freeze", { seeCapsOf: agentId }, { jobId: `rehearsal-${await clock.now()}` });
  try {
    while (performance.now() - startedAt < WORKED_WITHIN_MS) {
      if ((await job.getState()) === "completed") return Math.round(performance.now() - startedAt);
      await clock.wait(LOOK_EVERY_MS);
    }
    return null;
  } finally {
    // One that a worker has in hand just now goes as done jobs go.
    await job.remove().catch(() => false);
  }
}
