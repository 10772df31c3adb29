/**
 * A recovery worker in a process that is gone, by -9, the n-th time it gets to one point of its work:
 * `<port.method> <before|after> <n>`.
 */
import { loadConfig } from "../../src/config.ts";
import { reportAndExit, sayReady } from "../../src/process.ts";
import { openServices, type Services } from "../../src/services.ts";
import { runWorker } from "../../src/worker.ts";

const [method = "", when, nth] = process.argv.slice(2) as [string, "before" | "after", string];
let times = 0;

async function die(): Promise<void> {
  times += 1;
  if (times !== Number(nth)) return;
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => undefined);
}

/** The same port; the one method of it that is named stops there. */
function stoppable<P extends object>(port: P, name: string): P {
  const wrapped = Object.entries(port).map(([own, value]) => {
    if (`${name}.${own}` !== method || typeof value !== "function") return [own, value];
    const call = async (...args: unknown[]) => {
      if (when === "before") await die();
      const answer = await value.apply(port, args);
      if (when === "after") await die();
      return answer;
    };
    return [own, call];
  });
  return Object.fromEntries(wrapped) as P;
}

try {
  const { config, settings } = loadConfig();
  const services = await openServices(config, settings, "worker:recovery", "worker");
  const { recoveries, caps, actions } = services;
  const gateway = stoppable(services.ordered.gateway, "gateway");
  const killable: Services = {
    ...services,
    recoveries: stoppable(recoveries, "recoveries"),
    caps: stoppable(caps, "caps"),
    actions: stoppable(actions, "actions"),
    dispatch: stoppable(services.dispatch, "dispatch"),
    ordered: { ...services.ordered, gateway },
  };
  runWorker("recovery", killable);
  process.on("disconnect", () => process.exit(1));
  sayReady();
} catch (error) {
  reportAndExit(error);
}
