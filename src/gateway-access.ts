import { connectAgentControl } from "./agent-control/http.ts";
import type { Config } from "./config.ts";
import { checkKey, type KeyReport, type KeyToCheck } from "./contain/key-check.ts";
import { describeError, TourniquetError } from "./errors.ts";
import { type ConnectedGateway, connectGateway } from "./greenhelix/connect.ts";
import { keyPerAgent, oneKey } from "./greenhelix/keys.ts";
import { patient, SETUP_DEADLINE_MS } from "./greenhelix/patient.ts";
import type { Clock, Log, Pace } from "./incident/ports.ts";
import { type Tracing, untraced } from "./incident/tracing.ts";
import type { RedisConnection } from "./redis/connection.ts";
import { createPace, unlimited } from "./redis/pace.ts";
import type { Settings } from "./settings/settings.ts";
import { unshownMonths } from "./settings/unshown-months.ts";

/** Which key acts for whom, and how fast. Settings can be reloaded, so all of it is asked for at every call. */

/** The edge of the hosted gateway takes 30 requests a second and 50 at once from one address (greenhelix.md section 3): stay below. */
const hostedEdge = { host: /(^|\.)greenhelix\.net$/, perSecond: 25, burst: 40 };

/** One bucket a key, where the settings name its limit: agents with a key of their own have a limit of their own. */
export function paceOf(redis: RedisConnection, clock: Clock, baseUrl: string, settings: Settings): Pace {
  const isHosted = hostedEdge.host.test(new URL(baseUrl).hostname);
  const edge = isHosted ? createPace(redis, clock, { ...hostedEdge, keyNameOf: () => "edge" }) : unlimited;
  const keyNameOf = keyNames(settings);
  const current = () => {
    const { ratePerSecond, burst = 1 } = settings.gateway;
    return ratePerSecond === undefined
      ? edge
      : createPace(redis, clock, { perSecond: ratePerSecond, burst, keyNameOf });
  };
  return { turn: (agentId, options) => current().turn(agentId, options) };
}

/** The name of the key that acts for an agent; says nothing of its value. */
export const keyNames =
  (settings: Settings) =>
  (agentId: string): string =>
    settings.keys.agents.has(agentId) ? `agent:${agentId}` : "containment";

/** Whose key asks what is about no agent: the containment key; where there is none, one of the agents' own. */
export function ownAgentId(config: Config, { keys }: Settings): string {
  const [first] = keys.agents.keys();
  const hasOwnKey = Boolean(keys.containment ?? config.greenhelixApiKey);
  return config.greenhelixAgentId ?? (hasOwnKey ? undefined : first) ?? "tourniquet";
}

/** Keys of new settings act with the next call. */
export function keysOf(settings: Settings, config: Config): ReturnType<typeof keyPerAgent> {
  let of: Settings["keys"] | undefined;
  let keyFor: ReturnType<typeof keyPerAgent>;
  return (agentId) => {
    if (of !== settings.keys) {
      of = settings.keys;
      keyFor = keyPerAgent(Object.fromEntries(of.agents), of.containment ?? config.greenhelixApiKey);
    }
    return keyFor(agentId);
  };
}

/** O9, at the start: the log says what `keys check` would call an error and what needs no gateway to be seen. */
export function warnOfOwnKey({ greenhelixAgentId: own }: Config, settings: Settings, log: Log): void {
  if (own === undefined || settings.keys.agents.has(own) || !settings.fleet.agents.some(({ id }) => id === own)) return;
  const message = `GREENHELIX_AGENT_ID says that the containment key is ${own}'s own, which is one of the agents watched: it could lift its freeze and uses up the key's calls; npx tourniquet keys check says more`;
  log.warn({ agentId: own, message }, "keys.unwise");
}

/** Every configured key with a connection that uses it and no other. Whoever asks closes them. */
export function keysToCheck(config: Config, settings: Settings): (KeyToCheck & { gateway: ConnectedGateway })[] {
  const { keys, origin, fleet } = settings;
  const connect = (key: string) =>
    patient(
      connectGateway({
        baseUrl: config.greenhelixBaseUrl,
        dialect: config.greenhelixDialect,
        deadlineMs: Math.max(SETUP_DEADLINE_MS, settings.gateway.deadlineMs),
        allowPrivateHosts: settings.gateway.allowPrivateHosts,
        keyFor: oneKey(key),
      }),
    );
  const containment = keys.containment ?? config.greenhelixApiKey;
  const own = fleet.agents.map(({ id }) => id).filter((id) => id === config.greenhelixAgentId);
  const sameAs = [...keys.agents].filter(([, key]) => key === containment).map(([id]) => id);
  return [
    ...(containment === undefined
      ? []
      : [
          {
            name: "containment",
            from: origin.keys.get("containment") ?? "variable GREENHELIX_API_KEY",
            agents: fleet.agents.map(({ id }) => id).filter((id) => !keys.agents.has(id)),
            belongsTo: [...new Set([...own, ...sameAs])],
            gateway: connect(containment),
          },
        ]),
    ...[...keys.agents].map(([id, key]) => ({
      ...{ name: id, from: origin.keys.get(id) ?? "the settings", agents: [id], belongsTo: [] },
      gateway: connect(key),
    })),
  ];
}

/** What every configured key may do. onKey: told whose turn it is. Throws config-invalid where there is none. */
export async function checkKeys(
  config: Config,
  settings: Settings,
  onKey?: (name: string) => void,
): Promise<{ isFit: boolean; keys: KeyReport[]; withoutKey: readonly string[] }> {
  const configured = keysToCheck(config, settings);
  const withoutKey = keylessAgents(config, settings);
  if (configured.length === 0)
    throw new TourniquetError(
      "config-invalid",
      "no key is configured: set GREENHELIX_API_KEY, or keys in the settings",
    );
  const keys: KeyReport[] = [];
  for (const key of configured) {
    onKey?.(key.name);
    keys.push(await checkKey(key).finally(() => key.gateway.close()));
  }
  return { isFit: withoutKey.length === 0 && keys.every(({ problems }) => problems.length === 0), keys, withoutKey };
}

/** Agents that no key acts for. */
export function keylessAgents({ greenhelixApiKey }: Config, { keys, fleet }: Settings): readonly string[] {
  if ((keys.containment ?? greenhelixApiKey) !== undefined) return [];
  return fleet.agents.map(({ id }) => id).filter((id) => !keys.agents.has(id));
}

export async function greetGateway(gateway: ConnectedGateway, agentId: string, log: Log): Promise<void> {
  try {
    await gateway.find(agentId);
  } catch (error) {
    log.error({ ...describeError(error) }, "gateway.not-found");
  }
}

export function gatewaySettings(config: Config, settings: Settings, log: Log): Parameters<typeof connectGateway>[0] {
  return {
    baseUrl: config.greenhelixBaseUrl,
    allowPrivateHosts: settings.gateway.allowPrivateHosts,
    deadlineMs: settings.gateway.deadlineMs,
    connections: settings.gateway.concurrency,
    dialect: config.greenhelixDialect,
    keyFor: keysOf(settings, config),
    onFound(finding) {
      log[/refuses this key/.test(finding.reason) ? "error" : "info"]({ ...finding }, "gateway.found");
      if (finding.dialect !== "tools") return;
      for (const { line, message } of unshownMonths(settings)) log.warn({ line, message }, "settings.unwise");
    },
  };
}

export function openAgentControl(
  { agentControl }: Config,
  { agentControl: settings }: Settings,
  tracing: Tracing = untraced,
) {
  return agentControl
    ? connectAgentControl({ ...settings, tracing, baseUrl: agentControl.url, token: agentControl.token })
    : null;
}
