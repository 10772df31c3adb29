import { type Environment, loadConfig } from "./config.ts";
import { startLedgerTicker } from "./ledger-ticker.ts";
import { startNotificationTicker } from "./notification-ticker.ts";
import { reportAndExit, sayReady, whenAskedToStop } from "./process.ts";
import type { WorkerName } from "./queues/jobs.ts";
import { reloadOnHangup, warnOfSettings } from "./reload.ts";
import { openServices } from "./services.ts";
import { startTicker } from "./ticker.ts";
import { openTracing } from "./tracing.ts";
import { startWatchTicker } from "./watch-ticker.ts";
import { startWatchdog } from "./watchdog.ts";
import { runWorker } from "./worker.ts";

const DRAIN_MS = 10_000;

/** One worker process: any number of them may run, on any number of machines. Ends on SIGTERM after draining, at most 10 s. env: left out, that of the process. */
export async function runWorkerProcess(names: readonly WorkerName[], env?: Environment): Promise<void> {
  try {
    const { config, settings } = loadConfig(env);
    const name = `worker:${names.join("+")}`;
    const tracing = await openTracing(config, name);
    const services = await openServices(config, settings, name, "worker", tracing);
    warnOfSettings(services);
    reloadOnHangup(services, env);
    // Not awaited: jobs that need no gateway need not wait for it, and it reports its own failure.
    void services.greet();
    const workers = names.map((name) => runWorker(name, services));
    const ticker = names.includes("containment") ? startTicker(services) : null;
    const watchTicker = names.includes("watch") ? startWatchTicker(services) : null;
    const notificationTicker = names.includes("notification") ? startNotificationTicker(services) : null;
    const ledgerTicker = names.includes("forensics") ? startLedgerTicker(services) : null;
    const watchdog = startWatchdog(
      workers.flatMap((worker) => worker.queues),
      services,
    );
    services.log.info({ workers: names, partitions: config.partitions }, "worker.started");
    sayReady();
    whenAskedToStop(async () => {
      ticker?.stop();
      watchTicker?.stop();
      notificationTicker?.stop();
      ledgerTicker?.stop();
      watchdog.stop();
      await Promise.all(workers.map((worker) => worker.close(DRAIN_MS)));
      await tracing.close();
      services.log.info({ workers: names }, "worker.stopped");
    });
  } catch (error) {
    reportAndExit(error);
  }
}
