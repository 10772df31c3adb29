import type { Channel } from "./escalation.ts";

/** How people are told the same thing everywhere: on a page, in `incidents show`, in a post-mortem. */

/** "2026-11-22 02:47:14 UTC". Takes ISO 8601 or milliseconds since 1970. */
export function utc(at: string | number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

/** "once", "twice", "3 times". */
export function times(n: number): string {
  return n === 1 ? "once" : n === 2 ? "twice" : `${n} times`;
}

const channelNames: Readonly<Record<Channel | "log", string>> = {
  slack: "Slack",
  pagerduty: "PagerDuty",
  "pagerduty-secondary": "PagerDuty's second line",
  webhook: "the webhook",
  log: "the log",
};

/** One that has no name here says its own. */
export function channelName(channel: string): string {
  return (channelNames as Readonly<Record<string, string>>)[channel] ?? channel;
}
