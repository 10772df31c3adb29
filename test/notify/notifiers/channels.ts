import type { Channel } from "../../../src/incident/escalation.ts";
import type { Notification } from "../../../src/notify/notification.ts";
import type { ChannelAddresses } from "../../../src/notify/notifiers/index.ts";

export const SLACK_PATH = "/services/T000/B000/slack-secret-path";
export const ROUTING_KEY = "R0UT1NGKEY0123456789abcdefABCDEF";
export const SECONDARY_KEY = "SEC0NDARYKEY0123456789abcdefABCD";
export const HOOK_PATH = "/pages?token=hook-secret-token";
export const HOOK_SECRET = `whsec_${Buffer.from("a secret of the tests of pages!!").toString("base64")}`;

/** What must never be seen anywhere. */
export const secrets = [
  "slack-secret-path",
  ROUTING_KEY,
  SECONDARY_KEY,
  "hook-secret-token",
  HOOK_SECRET,
  HOOK_SECRET.slice("whsec_".length),
];

/** Every channel there is, all at one receiver. */
export const allAt = (url: string): ChannelAddresses => ({
  slack: { url: `${url}${SLACK_PATH}` },
  pagerduty: { routingKey: ROUTING_KEY, url },
  "pagerduty-secondary": { routingKey: SECONDARY_KEY, url },
  webhook: { url: `${url}${HOOK_PATH}`, secret: HOOK_SECRET },
});

export const onlyAt = (channel: Channel, url: string): ChannelAddresses => {
  const none = { slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined };
  return { ...none, [channel]: allAt(url)[channel] };
};

export const aPage = (more: Partial<Notification> = {}): Notification => ({
  kind: "contained",
  action: "trigger",
  dedupKey: "inc-0-9f86d081884c-1",
  priority: "P0",
  title: "Contained: agent-7 is frozen",
  lines: ["Why: a loop", "At risk: 46800.00 held"],
  agentId: "agent-7",
  incidentId: "inc-0-9f86d081884c-1",
  link: "https://tourniquet.example/incidents/inc-0-9f86d081884c-1",
  ...more,
});
