import { observeOnlyControl } from "./agent-control/observe-only.ts";
import type { Config } from "./config.ts";
import { pollingShare } from "./detect/watch/plan.ts";
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
import { type Tracing, untraced } from "./incident/tracing.ts";
import type { CallBudget } from "./incident/watch.ts";
import { openSigner, type SignerOf } from "./learn/ledger/signing.ts";
import { createLog, oncePerSecond } from "./log.ts";
import { type Notifiers, openNotifiers } from "./notify/notifiers/index.ts";
import { createDeadLetters } from "./queues/dead-letters.ts";
import { carrying, createDispatch, openQueues, type Queues } from "./queues/dispatch.ts";
import { createSchedules } from "./queues/schedules.ts";
import { createAccess } from "./redis/access.ts";
import { createActions } from "./redis/actions.ts";
import { createActivity } from "./redis/activity.ts";
import { createAuditTrail } from "./redis/audit.ts";
import { createBreakers } from "./redis/breakers.ts";
import { createCaps } from "./redis/caps.ts";
import { createCascades } from "./redis/cascades.ts";
import { createChanges } from "./redis/changes.ts";
import { checkRedis } from "./redis/check.ts";
import { createClock } from "./redis/clock.ts";
import { type ConnectionKind, connectRedis, type RedisConnection } from "./redis/connection.ts";
import { createDrills } from "./redis/drills.ts";
import { createEscalations } from "./redis/escalations.ts";
import { createFleet } from "./redis/fleet.ts";
import { createIdempotencyKeys } from "./redis/idempotency.ts";
import { createInbox } from "./redis/inbox.ts";
import { createIncidents } from "./redis/incidents.ts";
import { queuePrefix } from "./redis/keys.ts";
import { createLedgers } from "./redis/ledgers.ts";
import { createLoginLimit } from "./redis/login-limit.ts";
import { createMarks } from "./redis/marks.ts";
import { createMeasures } from "./redis/measures.ts";
import { createPages } from "./redis/pages.ts";
import { partitionOf, partitionOfAny, shortHash } from "./redis/partitions.ts";
import { createPostMortems } from "./redis/post-mortems.ts";
import { reachRedis } from "./redis/reach.ts";
import { createRecorded } from "./redis/recorded.ts";
import { createRecoveries } from "./redis/recoveries.ts";
import { createReplays } from "./redis/replays.ts";
import { createReplicas, watchEverywhere } from "./redis/replicas.ts";
import { createSessions } from "./redis/sessions.ts";
import { createSilences } from "./redis/silences.ts";
import { createSpending } from "./redis/spending.ts";
import { createStanding } from "./redis/standing.ts";
import { createPersonalTokens } from "./redis/tokens.ts";
import { createTunings } from "./redis/tunings.ts";
import { createVerdicts } from "./redis/verdicts.ts";
import { createWallets } from "./redis/wallets.ts";
import { createAgentWatch } from "./redis/watch.ts";
import { createCallBudget } from "./redis/watch-calls.ts";
import { createFleetWatch } from "./redis/watch-fleet.ts";
import { createWindows } from "./redis/windows.ts";
import { type HeldSettings, holdSettings } from "./settings/holder.ts";
import { hasFailover } from "./settings/redis-address.ts";
import type { Settings } from "./settings/settings.ts";

export interface Services extends ReturnType<typeof createPorts> {
  config: Config;
  /** Always the settings in force. A job or request that must not see them change takes a copy at its beginning. */
  settings: Settings;
  heldSettings: HeldSettings;
  log: Log;
  tracing: Tracing;
  redis: RedisConnection;
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

/**
 * The one place that opens things, and closes them last in, first out. `producer` answers callers and fails fast;
 * `worker` waits out an outage. tracing stays its opener's to close. Throws config-invalid or redis-unavailable with what to do about it.
 */
export async function openServices(
  config: Config,
  firstSettings: Settings,
  name: string,
  kind: ConnectionKind,
  tracing: Tracing = untraced,
): Promise<Services> {
  const heldSettings = holdSettings(firstSettings);
  const settings = heldSettings.live;
  const log = createLog(config.logLevel, name, tracing === untraced ? undefined : tracing.traceId);
  const loud = oncePerSecond((error) => log.error({ message: error.message }, "redis.failed"));
  warnOfOwnKey(config, firstSettings, log);
  const redis = connectRedis(config.redisUrl, kind, loud);
  const opened: (() => Promise<unknown>)[] = [async () => redis.disconnect()];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    await reachRedis(redis, config.redisUrl);
    for (const warning of await checkRedis(redis, rulesOf(config))) log.warn({ warning }, "redis.unwise");
    const queues = openQueues(redis, config.partitions, queuePrefix, loud);
    opened.push(() => queues.close());
    const gateway = connectGateway({ ...gatewaySettings(config, settings, log), tracing });
    opened.push(() => gateway.close());
    const agentControl = openAgentControl(config, settings, tracing);
    opened.push(async () => agentControl?.close());
    const notifiers = openNotifiers(config.channels, { ...settings.notify, tracing }, log);
    opened.push(() => notifiers.close());
    const ports = createPorts(redis, config, queues, tracing);
    const following = await followTunings(ports, heldSettings, log);
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
      tracing,
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

function createPorts(
  redis: RedisConnection,
  { partitions, redisWaitReplicas }: Config,
  queues: Queues,
  tracing: Tracing,
) {
  const replicas = createReplicas(redis, redisWaitReplicas);
  const dispatch = createDispatch(queues, (id) => partitionOfAny(id, partitions), tracing);
  return {
    dispatch,
    recorded: createRecorded(redis, partitions),
    inbox: createInbox(
      redis,
      partitions,
      (queue, partition, eventId, agentId) =>
        queues
          .of(queue, partition)
          .add(queue, queue === "freeze" ? { eventId, agentId, signalId: null } : { eventId }, {
            jobId: eventId,
            ...carrying(tracing.traceparent()),
          }),
      replicas,
      tracing,
    ),
    incidents: createIncidents(redis, partitions),
    caps: createCaps(redis, partitions),
    recoveries: createRecoveries(redis, partitions),
    access: createAccess(redis, partitions),
    actions: createActions(redis, partitions, replicas),
    activity: createActivity(redis, partitions),
    windows: createWindows(redis, partitions),
    spending: createSpending(redis, partitions),
    standing: createStanding(redis, partitions),
    verdicts: createVerdicts(redis, partitions),
    breakers: createBreakers(redis, partitions),
    pages: createPages(redis, partitions),
    audit: createAuditTrail(redis),
    idempotencyKeys: createIdempotencyKeys(redis),
    replication: { watch: () => watchEverywhere(replicas, redis, partitions) },
    sessions: createSessions(redis),
    personalTokens: createPersonalTokens(redis),
    loginLimit: createLoginLimit(redis),
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
    changes: createChanges(redis, partitions),
    drills: createDrills(redis),
    clock: createClock(redis),
  };
}

/** What Redis must be like for this configuration (redis/check.ts). */
export const rulesOf = ({ redisUrl, partitions, redisWaitReplicas }: Config) => ({
  partitions,
  waitReplicas: redisWaitReplicas,
  hasFailover: hasFailover(redisUrl),
});

/** The same place within the interval on every machine and after every restart; zero would mean none. */
const offsetOf = (id: string, everyMs: number): number =>
  Math.max(1, Number.parseInt(shortHash(id).slice(0, 8), 16) % everyMs);
