/** A notification worker that is gone (-9) the n-th time it gets to one point of its work: `<point> <n>`. */
import { loadConfig } from "../../src/config.ts";
import type { Notifier } from "../../src/notify/notifiers/notifier.ts";
import { reportAndExit, sayReady } from "../../src/process.ts";
import { openServices, type Services } from "../../src/services.ts";
import { runWorker } from "../../src/worker.ts";

export type NotifyPoint = "decided" | "booked" | "logged" | "delivered" | "noted";

const [point, nth] = process.argv.slice(2) as [NotifyPoint, string];
let times = 0;

async function reached(here: NotifyPoint): Promise<void> {
  if (here !== point) return;
  times += 1;
  if (times < Number(nth)) return;
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
}

function killable({ pages, dispatch, notifiers, incidents, ...services }: Services): Services {
  const wrapped = (notifier: Notifier): Notifier => ({
    ...notifier,
    async send(...args) {
      const sent = await notifier.send(...args);
      await reached("delivered");
      return sent;
    },
  });
  return {
    ...services,
    pages: {
      ...pages,
      async begin(...args) {
        const begun = await pages.begin(...args);
        await reached("decided");
        return begun;
      },
      async done(...args) {
        await reached("logged");
        return pages.done(...args);
      },
    },
    dispatch: {
      ...dispatch,
      async add(...args) {
        await dispatch.add(...args);
        await reached("booked");
      },
    },
    notifiers: {
      ...notifiers,
      of(channel) {
        const found = notifiers.of(channel);
        return channel === "log" || found === undefined ? found : wrapped(found);
      },
    },
    incidents: {
      ...incidents,
      async note(...args) {
        await incidents.note(...args);
        await reached("noted");
      },
    },
  };
}

try {
  const { config, settings } = loadConfig();
  runWorker("notification", killable(await openServices(config, settings, "worker:notification", "worker")));
  process.on("disconnect", () => process.exit(1));
  sayReady();
} catch (error) {
  reportAndExit(error);
}
