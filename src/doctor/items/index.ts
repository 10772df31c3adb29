import type { Item } from "../item.ts";
import { baselines } from "./baselines.ts";
import { caps } from "./caps.ts";
import { clock } from "./clock.ts";
import { gatewayClock } from "./gateway-clock.ts";
import { keys } from "./keys.ts";
import { ledgerKey } from "./ledger-key.ts";
import { mode } from "./mode.ts";
import { people } from "./people.ts";
import { polling } from "./polling.ts";
import { profile } from "./profile.ts";
import { redis } from "./redis.ts";
import { settings } from "./settings.ts";
import { signals } from "./signals.ts";
import { forensicSources } from "./sources.ts";
import { timing } from "./timing.ts";
import { tokens } from "./tokens.ts";
import { webhooks } from "./webhooks.ts";
import { workers } from "./workers.ts";

/** The readiness checklist, in the order it is shown. A new item is its own file and one line here. */
export const items: readonly Item[] = [
  signals,
  webhooks,
  polling,
  mode,
  keys,
  timing,
  workers,
  caps,
  baselines,
  profile,
  forensicSources,
  ledgerKey,
  redis,
  clock,
  gatewayClock,
  settings,
  tokens,
  people,
];
