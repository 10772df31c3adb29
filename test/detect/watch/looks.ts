import { readStored } from "../../../src/detect/event.ts";
import type { WatchPorts } from "../../../src/detect/watch/ports.ts";
import { watch } from "../../../src/detect/watch.ts";
import type { GatewayEvent } from "../../../src/incident/event.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import type { WatchJob } from "../../../src/incident/watch.ts";
import { createWorld, type World, type WorldOptions } from "../../support/world.ts";

export interface Looks {
  world: World;
  /** One look, right away. */
  look(agentId?: string, everyMs?: number): Promise<Record<string, unknown>>;
  run(job: WatchJob, instead?: Partial<WatchPorts>): Promise<Record<string, unknown>>;
  /** What was taken in, oldest first. */
  events(): Promise<GatewayEvent[]>;
  /** What the failed checks came to. */
  failures(): Promise<Signal[]>;
  close(): Promise<void>;
}

export const AGENT = "procurement-7";

/** A product without workers: nothing looks but the test, and nothing happens to what was taken in. */
export async function openLooks(options: WorldOptions = {}): Promise<Looks> {
  const settings = options.settings ?? `fleet: { agents: [{ id: ${AGENT} }] }`;
  const world = await createWorld({ workers: [], ticker: false, ...options, settings });
  await world.admin.placeAgent(AGENT, { dailyCap: "5000.00" });
  const { services } = world;
  const run: Looks["run"] = (job, instead = {}) =>
    watch({ ...services, ...instead }, job, new AbortController().signal);
  return {
    world,
    run,
    look: (agentId = AGENT, everyMs = 0) => run({ look: "agent", agentId, everyMs }),
    async events() {
      const ids = (await services.redis.keys("{tq:0}:event:*")).map((key) => key.slice("{tq:0}:event:".length));
      const stored = await Promise.all(ids.map((id) => services.inbox.load(id)));
      return stored.map((one) => readStored(one!)).sort((a, b) => a.receivedAt - b.receivedAt);
    },
    async failures() {
      const verdicts = await services.verdicts.recent(100);
      return verdicts.map(({ signal }) => signal).filter(({ kind }) => kind === "detection-failure");
    },
    close: () => world.close(),
  };
}
