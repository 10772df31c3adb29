import type { Courier } from "./courier.ts";
import type { EffectLog } from "./effects.ts";
import type { FaultBox } from "./faults.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { RequestCounts } from "./request-counts.ts";
import type { Settings } from "./settings.ts";
import type { KeyRow, State, Tier } from "./state.ts";
import type { SignatureScheme, WebhookBook } from "./webhook-book.ts";

/** One running double: its state and everything around it. Passed to every tool; two of them share nothing. */
export interface World {
  state: State;
  settings: Settings;
  now(): number;
  random(): number;
  /** True: `sandbox-admin*` and `sandbox-agent-<id>` are keys without being issued. */
  hasOpenKeys: boolean;
  issuedKeys: readonly KeyRow[];
  defaultTier: Tier;
  webhookScheme: SignatureScheme;
  effects: EffectLog;
  limiter: RateLimiter;
  faults: FaultBox;
  requests: RequestCounts;
  webhooks: WebhookBook;
  courier: Courier;
  /** Back to how it was started: state, settings and every log. Webhooks are forgotten too. */
  reset(): void;
}

export function nextId(world: World): number {
  world.state.lastId += 1;
  return world.state.lastId;
}
