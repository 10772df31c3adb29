import type { Worker } from "bullmq";
import { describeError } from "./errors.ts";
import type { Services } from "./services.ts";

const SAMPLE_MS = 5_000;
const IDLE_SAMPLES = 3;
const EX_SOFTWARE = 70;

/**
 * A worker whose blocking read has died takes no jobs and says nothing (guarantees.md section 4, known failures). Jobs waiting,
 * none in hand and none taken for three samples: end the process, whoever supervises it starts a sound one (G13, G15).
 */
export function startWatchdog(workers: readonly Worker[], services: Services): { stop(): void } {
  const watched = workers.map((worker) => ({ worker, taken: watchTaken(worker), seen: 0, idle: 0 }));
  // One sample at a time: those that waited for Redis together would be three in one moment.
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      for (const one of watched) {
        const waiting = await waitingFor(one.worker, services);
        const stuck = waiting > 0 && one.taken.inHand === 0 && one.taken.total === one.seen;
        one.seen = one.taken.total;
        one.idle = stuck ? one.idle + 1 : 0;
        if (one.idle < IDLE_SAMPLES) continue;
        services.log.error({ queue: one.worker.name, waiting }, "watchdog.exit");
        process.exit(EX_SOFTWARE);
      }
    } catch (error) {
      // Redis away is not a wedged worker; it is reported by whoever needs it.
      services.log.warn(describeError(error), "watchdog.blind");
    } finally {
      busy = false;
    }
  }, SAMPLE_MS);
  return { stop: () => clearInterval(timer) };
}

function watchTaken(worker: Worker): { total: number; inHand: number } {
  const taken = { total: 0, inHand: 0 };
  const ended = () => {
    taken.inHand = Math.max(0, taken.inHand - 1);
  };
  worker.on("active", () => {
    taken.total += 1;
    taken.inHand += 1;
  });
  worker.on("completed", ended);
  worker.on("failed", ended);
  return taken;
}

async function waitingFor(worker: Worker, services: Services): Promise<number> {
  const row = services.queues
    .all()
    .find(({ bull }) => bull.name === worker.name && bull.opts.prefix === worker.opts.prefix);
  return (await row?.bull.getWaitingCount()) ?? 0;
}
