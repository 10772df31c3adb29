import type { Access } from "../../incident/access.ts";
import type { Activity } from "../../incident/activity.ts";
import type { EventFacts, GatewayEvent } from "../../incident/event.ts";
import type { Dispatch } from "../../incident/jobs.ts";
import type { Signal } from "../../incident/signal.ts";
import type { Standing } from "../../incident/standing.ts";
import type { Wallets } from "../../incident/wallets.ts";
import type { Windows } from "../../incident/windows.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Thresholds } from "../../settings/thresholds.ts";

/** The windows and memories that observers write to, each in Redis. */
export interface ObservePorts {
  windows: Windows;
  standing: Standing;
  activity: Activity;
  access: Access;
  wallets: Wallets;
  dispatch: Dispatch;
  settings: Settings;
}

/** Adds one event to the windows it belongs to, and asks the rules over them. Safe to repeat: an event counts once. */
export interface Observer {
  kinds: readonly EventFacts["kind"][];
  /** thresholds: those of the event's agent. Signals may be about other agents too. */
  observe(ports: ObservePorts, event: GatewayEvent, thresholds: Thresholds): Promise<readonly Signal[]>;
}
