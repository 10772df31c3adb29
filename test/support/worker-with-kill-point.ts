/**
 * One or more workers in a process that stops at one point of its work: `<worker+worker> <what> <point> <n> <how>`.
 * The n-th time it gets there it is gone ("die", by -9) or it says so and stays there until told to go on ("wait").
 */
import { loadConfig } from "../../src/config.ts";
import { startNotificationTicker } from "../../src/notification-ticker.ts";
import { reportAndExit, sayReady } from "../../src/process.ts";
import type { WorkerName } from "../../src/queues/jobs.ts";
import { openServices, type Services } from "../../src/services.ts";
import { startTicker } from "../../src/ticker.ts";
import { runWorker } from "../../src/worker.ts";

export type What = "record" | "freeze" | "cancel" | "hand-over" | "escalate";
export type Point =
  | ("before-claim" | "after-claim" | "before-call" | "after-call" | "before-receipt" | "after-verdict")
  | ("before-wake" | "after-wake" | "before-count" | "after-count" | "before-send" | "after-send");

const [names, what, point, nth, how] = process.argv.slice(2) as [string, What, Point, string, "die" | "wait"];
const receiptOf = {
  record: "record-budget-cap",
  freeze: "freeze-budget",
  cancel: "cancel-escrows",
  "hand-over": "",
  escalate: "",
}[what];
let times = 0;

async function reached(here: Point): Promise<void> {
  if (here !== point) return;
  times += 1;
  if (times !== Number(nth)) return;
  process.send?.({ reached: point });
  if (how === "die") process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => process.once("message", resolve));
}

function stoppable(services: Services): Services {
  const { actions, dispatch, escalations, gateway, incidents, verdicts } = services;
  return {
    ...services,
    actions: {
      ...actions,
      async claim(agentId, action, ...rest) {
        if (!action.startsWith(`${what}:`)) return actions.claim(agentId, action, ...rest);
        await reached("before-claim");
        const claim = await actions.claim(agentId, action, ...rest);
        if (claim.answer === "go" || claim.answer === "verify") await reached("after-claim");
        return claim;
      },
    },
    gateway: {
      ...gateway,
      async readBudget(...args) {
        if (what === "record") await reached("before-call");
        return gateway.readBudget(...args);
      },
      async setBudget(...args) {
        const outcome = await gateway.setBudget(...args);
        if (what === "freeze") await reached("after-call");
        return outcome;
      },
      async cancelEscrow(...args) {
        const outcome = await gateway.cancelEscrow(...args);
        if (what === "cancel") await reached("after-call");
        return outcome;
      },
    },
    incidents: {
      ...incidents,
      async recordReceipt(incidentId, step, ...rest) {
        if (step === receiptOf) await reached("before-receipt");
        return incidents.recordReceipt(incidentId, step, ...rest);
      },
    },
    dispatch: {
      ...dispatch,
      async add(queue, about, jobId, ...rest) {
        const step = { escalate: "wake", escalated: "send" }[jobId.split("-")[0] ?? ""] as "wake" | "send" | undefined;
        if (step) await reached(`before-${step}`);
        await dispatch.add(queue, about, jobId, ...rest);
        if (step) await reached(`after-${step}`);
      },
    },
    escalations: {
      ...escalations,
      async tell(...args) {
        await reached("before-count");
        const counted = await escalations.tell(...args);
        if (counted === "told") await reached("after-count");
        return counted;
      },
    },
    verdicts: {
      ...verdicts,
      async keep(verdict) {
        const kept = await verdicts.keep(verdict);
        await reached("after-verdict");
        return kept;
      },
    },
  };
}

try {
  const { config, settings } = loadConfig();
  const services = stoppable(await openServices(config, settings, `worker:${names}`, "worker"));
  const workers = names.split("+") as WorkerName[];
  for (const worker of workers) runWorker(worker, services);
  if (workers.includes("containment")) startTicker(services);
  if (workers.includes("notification")) startNotificationTicker(services);
  process.on("disconnect", () => process.exit(1));
  sayReady();
} catch (error) {
  reportAndExit(error);
}
