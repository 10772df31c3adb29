import type { KeptRecovery } from "../../src/incident/recovery.ts";
import { askRecovery, type RecoveryRequest } from "../../src/recover/ask-recovery.ts";
import type { RecoverPorts } from "../../src/recover/ports.ts";
import { recover } from "../../src/recover/recover.ts";
import { keys } from "../../src/redis/keys.ts";
import { partitionOfId } from "../../src/redis/partitions.ts";
import type { Services } from "../../src/services.ts";
import { containPorts } from "../../src/work.ts";
import { type BreachWorld, breachWorld } from "../contain/breach-world.ts";
import { aSignal } from "../redis/open-request.ts";
import type { WorldOptions } from "../support/world.ts";

const { signal: abort } = new AbortController();
export const HOUR_MS = 3_600_000;
export const said = { by: "ada", rootCause: "a retry loop without an end", fix: "v2.3 gives up after three tries" };

export interface RecoveringWorld extends BreachWorld {
  ask(incidentId: string, more?: Partial<RecoveryRequest>): ReturnType<typeof askRecovery>;
  /** One run of the recovery worker. */
  recover(incidentId: string, ports?: Partial<RecoverPorts>): Promise<string>;
  /** Contained, asked for, and its first rung taken. */
  recovering(given?: Parameters<BreachWorld["contained"]>[0]): Promise<string>;
  recoveryOf(incidentId: string): Promise<KeptRecovery>;
  pass(incidentId: string, ms: number): Promise<void>;
  /** A rule concludes this about agent-7, and nothing else happens. */
  warn(given?: Parameters<typeof aSignal>[0]): Promise<void>;
  /** Daily and monthly, as the gateway has them. */
  caps(): Promise<[string | null, string | null]>;
  /** What the timeline says, from the recovery on. */
  told(incidentId: string): Promise<string[]>;
}

export const recoverPorts = (services: Services): RecoverPorts => {
  const ports = { ...services, ...containPorts(services), settings: services.settings };
  return { ...ports, clock: { ...ports.clock, wait: async () => undefined } };
};

/** A sandbox and a product in which nothing happens by itself, with an agent that may spend 500 a day and 15,000 a month. */
export async function recoveringWorld(options: WorldOptions = {}): Promise<RecoveringWorld> {
  const world = await breachWorld(options);
  const { services } = world;
  const ports = recoverPorts(services);
  const recovering: RecoveringWorld = {
    ...world,
    ask: (incidentId, more = {}) => askRecovery(services, { incidentId, ...said, ...more }),
    recover: async (incidentId, more = {}) => (await recover({ ...ports, ...more }, { incidentId }, abort)).answer,
    async recovering(given) {
      const id = await world.contained(given);
      await recovering.ask(id);
      await recovering.recover(id);
      return id;
    },
    recoveryOf: async (id) => (await services.recoveries.load(id))!,
    pass: (id, ms) => passTime(services.redis, id, ms),
    async warn(given = {}) {
      const signal = aSignal({ kind: "error-spike", severity: "warning", suspectPayee: null, ...given });
      await services.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
    },
    async caps() {
      const { daily, monthly } = (await world.agent()).caps;
      return [daily, monthly];
    },
    async told(id) {
      const timeline = (await services.incidents.view(id))?.timeline ?? [];
      return timeline.filter(({ phase }) => phase === "recover").map(({ what }) => what);
    },
  };
  return recovering;
}

/**
 * Everything that this recovery waits for comes so much sooner. It counts as a change of it: a worker that was about to write what
 * it decided by the times before finds it changed, as it would find another worker's.
 */
export async function passTime(redis: Services["redis"], incidentId: string, ms: number): Promise<void> {
  const key = keys.incident(partitionOfId(incidentId), incidentId);
  const sooner = (at: number | null) => (at === null ? null : at - ms);
  for (;;) {
    const text = (await redis.hget(key, "recovery"))!;
    const { rungAt, dueAt, normalAt, ...recovery } = JSON.parse(text) as KeptRecovery;
    const times = { rungAt: sooner(rungAt), dueAt: sooner(dueAt), normalAt: sooner(normalAt) };
    const passed = JSON.stringify({ ...recovery, ...times, change: recovery.change + 1 });
    const exchange = `return redis.call('HGET', KEYS[1], 'recovery') == ARGV[1] and redis.call('HSET', KEYS[1], 'recovery', ARGV[2]) == 0 and 1 or 0`;
    if ((await redis.eval(exchange, 1, key, text, passed)) === 1) return;
  }
}
