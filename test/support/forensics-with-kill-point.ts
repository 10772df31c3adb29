/**
 * A forensics worker that is gone, by -9, the first time it gets to one point of its work: `<point>`. "none" works on.
 */
import { loadConfig } from "../../src/config.ts";
import { reportAndExit, sayReady } from "../../src/process.ts";
import { openServices, type Services } from "../../src/services.ts";
import { runWorker } from "../../src/worker.ts";

export const killPoints = ["after-evidence", "before-keep", "after-keep", "after-publish", "after-page"] as const;
export type KillPoint = (typeof killPoints)[number];

const point = process.argv[2];

/** Nothing goes on after it: the signal may take a moment. */
async function reached(here: KillPoint): Promise<void> {
  if (here !== point) return;
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
}

function stoppable(services: Services): Services {
  const { incidents, postMortems, dispatch } = services;
  return {
    ...services,
    incidents: {
      ...incidents,
      async recordEvidence(...args) {
        await incidents.recordEvidence(...args);
        await reached("after-evidence");
      },
    },
    postMortems: {
      ...postMortems,
      async keep(...args) {
        await reached("before-keep");
        const kept = await postMortems.keep(...args);
        await reached("after-keep");
        return kept;
      },
    },
    dispatch: {
      ...dispatch,
      async add(...args) {
        await dispatch.add(...args);
        await reached(args[2].startsWith("publish-") ? "after-publish" : "after-page");
      },
    },
  };
}

if (process.argv[1]?.endsWith("forensics-with-kill-point.ts"))
  try {
    const { config, settings } = loadConfig();
    const services = stoppable(await openServices(config, settings, "worker:forensics", "worker"));
    runWorker("forensics", services);
    process.on("disconnect", () => process.exit(1));
    sayReady();
  } catch (error) {
    reportAndExit(error);
  }
