import { lookup } from "node:dns/promises";
import { TourniquetError } from "../errors.ts";
import { type Channel, channels } from "../incident/escalation.ts";
import { isInwardAddress } from "../outbound/address.ts";
import { type ChannelAddresses, openNotifiers } from "./notifiers/index.ts";
import type { NotifierOptions } from "./notifiers/notifier.ts";
import { leadsInward } from "./notifiers/post.ts";

/** A name that nobody resolves in this time is not waited for: whether it is known here says nothing of where the workers run. */
const RESOLVE_WITHIN_MS = 2_000;
const nowhere: ChannelAddresses = {
  ...{ slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined },
};
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Where channels lead that no page will ever reach, one sentence each, as a start of the workers says it: nothing starts with them. */
export async function refusedAddresses(at: ChannelAddresses, options: NotifierOptions): Promise<string[]> {
  const refusals = await Promise.all(channels.map((channel) => refusalOf(at, channel, options)));
  return [...new Set(refusals.filter((one) => one !== null))];
}

async function refusalOf(at: ChannelAddresses, channel: Channel, options: NotifierOptions): Promise<string | null> {
  try {
    await openNotifiers({ ...nowhere, [channel]: at[channel] }, options, silent).close();
    return null;
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "config-invalid") return error.message;
    throw error;
  }
}

const settings: Readonly<Record<Channel, string>> = {
  slack: "SLACK_WEBHOOK_URL",
  pagerduty: "PAGERDUTY_EVENTS_URL",
  "pagerduty-secondary": "PAGERDUTY_EVENTS_URL",
  webhook: "NOTIFY_WEBHOOK_URL",
};

/** The same of names that resolve into a private network from here: where the workers run they may resolve to something else. */
export async function inwardNames(
  at: ChannelAddresses,
  { allowPrivateHosts }: NotifierOptions,
  resolve: (host: string) => Promise<readonly string[]> = addressesOf,
): Promise<string[]> {
  if (allowPrivateHosts) return [];
  const found = await Promise.all(
    channels.map(async (channel) => {
      const host = at[channel] && new URL(at[channel].url).hostname;
      if (host === undefined || host === "localhost") return null;
      return (await resolve(host)).some(isInwardAddress) ? leadsInward(settings[channel]) : null;
    }),
  );
  return [...new Set(found.filter((one) => one !== null))];
}

async function addressesOf(host: string): Promise<string[]> {
  // An address in digits is judged where the channel is opened.
  if (/^[\d.]+$|^\[/.test(host)) return [];
  const late = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => late.resolve([]), RESOLVE_WITHIN_MS);
  const found = lookup(host, { all: true }).then(
    (addresses) => addresses.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, late.promise]).finally(() => clearTimeout(timer));
}
