import { type Channel, channels } from "../../incident/escalation.ts";
import type { Log } from "../../incident/ports.ts";
import { openLog } from "./console-log.ts";
import type { Notifier, NotifierOptions } from "./notifier.ts";
import { openPagerduty } from "./pagerduty.ts";
import { openSlack } from "./slack.ts";
import { openWebhook } from "./webhook.ts";

/** What each channel needs to be told where it leads; undefined: it is not there. */
export interface ChannelAddresses {
  slack: { url: string } | undefined;
  pagerduty: { routingKey: string; url: string } | undefined;
  "pagerduty-secondary": { routingKey: string; url: string } | undefined;
  webhook: { url: string; secret: string } | undefined;
}

/** A channel that is not here cannot be named in the settings, and the other way round. */
const openings: { [C in Channel]: (at: NonNullable<ChannelAddresses[C]>, options: NotifierOptions) => Notifier } = {
  slack: openSlack,
  pagerduty: (at, options) => openPagerduty("pagerduty", at, options),
  "pagerduty-secondary": (at, options) => openPagerduty("pagerduty-secondary", at, options),
  webhook: openWebhook,
};

/** Those that are there, by name. */
export interface Notifiers {
  of(channel: Channel | "log"): Notifier | undefined;
  configured: readonly Channel[];
  close(): Promise<void>;
}

/** Opens nothing but agents without a connection. Throws config-invalid for an address that must not be called. */
export function openNotifiers(at: ChannelAddresses, options: NotifierOptions, log: Log): Notifiers {
  const open = <C extends Channel>(channel: C): Notifier | undefined => {
    const address = at[channel];
    return address && openings[channel](address as NonNullable<ChannelAddresses[C]>, options);
  };
  const found = channels.map(open).filter((one) => one !== undefined);
  const byName = new Map([openLog(log), ...found].map((one) => [one.name, one]));
  return {
    of: (channel) => byName.get(channel),
    configured: channels.filter((channel) => byName.has(channel)),
    async close() {
      await Promise.all(found.map((one) => one.close()));
    },
  };
}
