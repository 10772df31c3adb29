import type { Redis } from "ioredis";
import { observeOnlyControl } from "./agent-control/observe-only.ts";
import type { Config } from "./config.ts";
import { pollingShare } from "./detect/watch/plan.ts";
import { TourniquetError } from "./errors.ts";
import { followTunings } from "./follow-tunings.ts";
import {
  gatewaySettings,
  greetGateway,
  keyNames,
  openAgentControl,
  ownAgentId,
  paceOf,
  warnOfOwnKey,
} from "./gateway-access.ts";
import { connectGateway } from "./greenhelix/connect.ts";
import { observeOnly } from "./greenhelix/observe-only.ts";
import { paced } from "./greenhelix/paced.ts";
import type { AgentControl } from "./incident/agent-control.ts";
import type { DeadLetters } from "./incident/dead-letter.ts";
import type { Gateway } from "./incident/gateway.ts";
import type { Log, Pace } from "./incident/ports.ts";
import type { CallBudget } from "./incident/watch.ts";
import { openSigner, type SignerOf } from "./learn/ledger/signing.ts";
import { createLog, oncePerSecond } from "./log.ts";
import { type Notifiers, openNotifiers } from "./notify/notifiers/index.ts";
import { createDeadLetters } from "./queues/dead-letters.ts";
import { createDispatch, openQueues, type Queues } from "./queues/dispatch.ts";
import { createSchedules } from "./queues/schedules.ts";
import { createAccess } from "./redis/access.ts";
import { createActions } from "./redis/actions.ts";
import { createActivity } from "./redis/activity.ts";
import { createAuditTrail } from "./redis/audit.ts";
import { createBreakers } from "./redis/breakers.ts";
import { createCaps } from "./redis/caps.ts";
import { createCascades } from "./redis/cascades.ts";
import { checkRedis } from "./redis/check.ts";
import { createClock } from "./redis/clock.ts";
import { type ConnectionKind, connectRedis, redisError } from "./redis/connection.ts";
import { createEscalations } from "./redis/escalations.ts";
import { createFleet } from "./redis/fleet.ts";
import { createIdempotencyKeys } from "./redis/idempotency.ts";
import { createInbox } from "./redis/inbox.ts";
import { createIncidents } from "./redis/incidents.ts";
import { queuePrefix } from "./redis/keys.ts";
import { createLedgers } from "./redis/ledgers.ts";
import { createMarks } from "./redis/marks.ts";
import { createMeasures } from "./redis/measures.ts";
import { createPages } from "./redis/pages.ts";
import { partitionOf, partitionOfAny, shortHash } from "./redis/partitions.ts";
import { createPostMortems } from "./redis/post-mortems.ts";
import { createRecorded } from "./redis/recorded.ts";
import { createRecoveries } from "./redis/recoveries.ts";
import { createReplays } from "./redis/replays.ts";
import { createSilences } from "./redis/silences.ts";
import { createStanding } from "./redis/standing.ts";
import { createTunings } from "./redis/tunings.ts";
import { createVerdicts } from "./redis/verdicts.ts";
import { createWallets } from "./redis/wallets.ts";
import { createAgentWatch } from "./redis/watch.ts";
import { createCallBudget } from "./redis/watch-calls.ts";
import { createFleetWatch } from "./redis/watch-fleet.ts";
import { createWindows } from "./redis/windows.ts";
import { type HeldSettings, holdSettings } from "./settings/holder.ts";
import type { Settings } from "./settings/settings.ts";

export interface Services extends ReturnType<typeof createPorts> {
  config: Config;
  /** Always the settings in force. A job or request that must not see them change takes a copy at its beginning. */
  settings: Settings;
  heldSettings: HeldSettings;
  log: Log;
  redis: Redis;
  queues: Queues;
  deadLetters: DeadLetters;
  gateway: Gateway;
  /** The same without the belt of observe-only mode (P5): for what a named person ordered. */
  ordered: { gateway: Gateway; agentControl: AgentControl | null };
  notifiers: Notifiers;
  publicUrl: string | undefined;
  /** Null where nothing runs the agents that we could ask. */
  agentControl: AgentControl | null;
  pace: Pace;
  /** What polling may call. */
  calls: CallBudget;
  /** Signs ledgers (F5). */
  signer: SignerOf;
  /** Which gateway key acts for an agent, by a name that may be shown. */
  keyNameOf(agentId: string): string;
  /** For calls about no agent: whose key asks. */
  ownAgentId: string;
  /** Asks the gateway now which form it speaks, and logs what it found or why not; a gateway that is down is asked again by the first call. */
  greet(): Promise<void>;
  close(): Promise<void>;
}

/** How long a start waits for Redis before it says what is wrong and ends. */
const START_DEADLINE_MS = 10_000;

/**
 * The one place that opens things, and closes them last in, first out. `producer` answers callers and fails fast;
 * `worker` waits out an outage. Throws config-invalid or redis-unavailable with what to do about it.
 */
export async function openServices(
  config: Config,
  firstSettings: Settings,
  name: string,
  kind: ConnectionKind,
): Promise<Services> {
  const heldSettings = holdSettings(firstSettings);
  const settings = heldSettings.live;
  const log = createLog(config.logLevel, name);
  const loud = oncePerSecond((error) => log.error({ message: error.message }, "redis.failed"));
  warnOfOwnKey(config, firstSettings, log);
  const redis = connectRedis(config.redisUrl, kind, loud);
  const opened: (() => Promise<unknown>)[] = [async () => redis.disconnect()];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    await reachRedis(redis, config.redisUrl);
    for (const warning of await checkRedis(redis, config.partitions)) log.warn({ warning }, "redis.unwise");
    const queues = openQueues(redis, config.partitions, queuePrefix, loud);
    opened.push(() => queues.close());
    const gateway = connectGateway(gatewaySettings(config, settings, log));
    opened.push(() => gateway.close());
    const agentControl = openAgentControl(config, settings);
    opened.push(async () => agentControl?.close());
    const notifiers = openNotifiers(config.channels, settings.notify, log);
    opened.push(() => notifiers.close());
    const ports = createPorts(redis, config.partitions, queues);
    const following = await followTunings(ports.tunings, heldSettings, log);
    opened.push(async () => following.stop());
    const greet = () =>
      greetGateway(gateway, config.greenhelixAgentId ?? settings.fleet.agents[0]?.id ?? "tourniquet", log);
    const pace = paceOf(redis, ports.clock, config.greenhelixBaseUrl, settings);
    const ordered = paced(gateway, pace);
    const keyNameOf = keyNames(settings);
    const calls = createCallBudget(redis, { perHour: () => pollingShare(settings.gateway), keyNameOf });
    const isObserving = () => settings.mode === "observe";
    return {
      ...ports,
      agentControl: agentControl && observeOnlyControl(agentControl, isObserving),
      config,
      settings,
      heldSettings,
      log,
      redis,
      queues,
      deadLetters: createDeadLetters({ ...ports, queues, log }),
      pace,
      calls,
      keyNameOf,
      signer: openSigner(config.ledgerSigningKey, ports.ledgers),
      ownAgentId: ownAgentId(config, settings),
      notifiers,
      publicUrl: config.publicUrl,
      gateway: observeOnly(ordered, isObserving),
      ordered: { gateway: ordered, agentControl },
      greet,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createPorts(redis: Redis, partitions: number, queues: Queues) {
  const dispatch = createDispatch(queues, (id) => partitionOfAny(id, partitions));
  return {
    dispatch,
    recorded: createRecorded(redis, partitions),
    inbox: createInbox(redis, partitions, (queue, partition, eventId, agentId) =>
      queues
        .of(queue, partition)
        .add(queue, queue === "freeze" ? { eventId, agentId, signalId: null } : { eventId }, { jobId: eventId }),
    ),
    incidents: createIncidents(redis, partitions),
    caps: createCaps(redis, partitions),
    recoveries: createRecoveries(redis, partitions),
    access: createAccess(redis, partitions),
    actions: createActions(redis, partitions),
    activity: createActivity(redis, partitions),
    windows: createWindows(redis, partitions),
    standing: createStanding(redis, partitions),
    verdicts: createVerdicts(redis, partitions),
    breakers: createBreakers(redis, partitions),
    pages: createPages(redis, partitions),
    audit: createAuditTrail(redis),
    idempotencyKeys: createIdempotencyKeys(redis),
    silences: createSilences(redis),
    replays: createReplays(redis),
    tunings: createTunings(redis),
    cascades: createCascades(redis, partitions),
    fleet: createFleet(redis, partitions),
    wallets: createWallets(redis, partitions),
    escalations: createEscalations(redis, partitions),
    ledgers: createLedgers(redis),
    marks: createMarks(redis, partitions),
    measures: createMeasures(redis, partitions),
    postMortems: createPostMortems(redis),
    agentWatch: createAgentWatch(redis, partitions),
    fleetWatch: createFleetWatch(redis, partitions),
    schedules: createSchedules(queues, (agentId) => partitionOf(agentId, partitions), offsetOf),
    clock: createClock(redis),
  };
}

/** The same place within the interval on every machine and after every restart; zero would mean none. */
const offsetOf = (id: string, everyMs: number): number =>
  Math.max(1, Number.parseInt(shortHash(id).slice(0, 8), 16) % everyMs);

async function reachRedis(redis: Redis, url: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      await Promise.race([redis.ping(), rejectAfter(2_000)]);
      return;
    } catch (error) {
      if (performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 250));
      else
        throw new TourniquetError(
          "redis-unavailable",
          `Redis does not answer at ${withoutPassword(url)} (${saidBy(error)}): start it, or set REDIS_URL`,
        );
    }
  }
}

const saidBy = (error: unknown): string => redisError(error).message.replace(/^Redis does not answer: /, "");

const rejectAfter = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref());

export function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = "";
  return parsed.toString();
}
