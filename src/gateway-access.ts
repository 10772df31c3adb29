import type { Redis } from "ioredis";
import type { Config } from "./config.ts";
import { keyPerAgent } from "./greenhelix/keys.ts";
import type { Clock, Pace } from "./incident/ports.ts";
import { createPace, unlimited } from "./redis/pace.ts";
import type { Settings } from "./settings/settings.ts";

/** Which key acts for whom, and how fast. Settings can be reloaded, so all of it is asked for at every call. */

/** The edge of the hosted gateway takes 30 requests a second and 50 at once from one address (greenhelix.md section 3): stay below. */
const hostedEdge = { host: /(^|\.)greenhelix\.net$/, perSecond: 25, burst: 40 };

/** One bucket a key, where the settings name its limit: agents with a key of their own have a limit of their own. */
export function paceOf(redis: Redis, clock: Clock, baseUrl: string, settings: Settings): Pace {
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
