import type { WatchJob } from "../incident/watch.ts";
import { lookAtAgent } from "./watch/agent.ts";
import { readBus } from "./watch/bus.ts";
import type { WatchPorts } from "./watch/ports.ts";
import { checkPing, proveWebhooks } from "./watch/webhooks.ts";

/** What no webhook may have told: looks at the gateway and takes in what is new, as the same events (I7, I8). */
export function watch(ports: WatchPorts, job: WatchJob, abort: AbortSignal): Promise<Record<string, unknown>> {
  switch (job.look) {
    case "agent":
      return lookAtAgent(ports, job, abort);
    case "bus":
      return readBus(ports, abort);
    case "webhooks":
      return proveWebhooks(ports, abort);
    case "ping":
      return checkPing(ports, job);
  }
}
