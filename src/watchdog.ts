import { describeError } from "./errors.ts";
import type { Services } from "./services.ts";
import type { QueueWorker } from "./worker.ts";

const SAMPLE_MS = 5_000;
const IDLE_SAMPLES = 3;
const EX_SOFTWARE = 70;

/**
 * A worker whose blocking read has died takes no jobs and says nothing (guarantees.md section 4, known failures). Jobs waiting,
 * none in hand and none taken for three samples: end the process, whoever supervises it starts a sound one (G13, G15).
 */
export function startWatchdog(
  workers: readonly QueueWorker[],
  services: Pick<Services, "queues" | "log">,
  { sampleMs, exit }: { sampleMs: number; exit(status: number): void } = { sampleMs: SAMPLE_MS, exit: process.exit },
): { stop(): void } {
  const watched = workers.map((worker) => ({ ...worker, seen: 0, idle: 0 }));
  // One sample at a time: those that waited for Redis together would be three in one moment.
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      for (const one of watched) {
        const waiting = await waitingFor(one, services);
        const stuck = waiting > 0 && one.jobs.inHand === 0 && one.jobs.taken === one.seen;
        one.seen = one.jobs.taken;
        one.idle = stuck ? one.idle + 1 : 0;
        if (one.idle < IDLE_SAMPLES) continue;
        services.log.error({ queue: one.bull.name, waiting }, "watchdog.exit");
        exit(EX_SOFTWARE);
      }
    } catch (error) {
      // Redis away is not a wedged worker; it is reported by whoever needs it.
      services.log.warn(describeError(error), "watchdog.blind");
    } finally {
      busy = false;
    }
  }, sampleMs);
  return { stop: () => clearInterval(timer) };
}

async function waitingFor({ bull: worker }: QueueWorker, { queues }: Pick<Services, "queues">): Promise<number> {
  const row = queues.all().find(({ bull }) => bull.name === worker.name && bull.opts.prefix === worker.opts.prefix);
  return (await row?.bull.getWaitingCount()) ?? 0;
}
