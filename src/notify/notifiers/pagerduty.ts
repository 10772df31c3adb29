import { createHash } from "node:crypto";
import type { Channel } from "../../incident/escalation.ts";
import type { Priority } from "../../incident/incident.ts";
import { clipped } from "../notification.ts";
import type { Message, Notifier, NotifierOptions } from "./notifier.ts";
import { answerIdOf, openPost } from "./post.ts";

/** PagerDuty's own limits. */
const DEDUP_KEY = 255;
const SUMMARY = 1_024;

const severities: Readonly<Record<Priority, "critical" | "error" | "warning" | "info">> = {
  P0: "critical",
  P1: "error",
  P2: "warning",
  P3: "info",
};

/** Events API v2: one alert an incident, told of, acknowledged and resolved under the incident's id. url: the events host of one's region. */
export function openPagerduty(
  channel: Extract<Channel, "pagerduty" | "pagerduty-secondary">,
  { routingKey, url }: { routingKey: string; url: string },
  options: NotifierOptions,
): Notifier {
  const key = channel === "pagerduty" ? "PAGERDUTY_ROUTING_KEY" : "PAGERDUTY_SECONDARY_ROUTING_KEY";
  const setting = "PAGERDUTY_EVENTS_URL";
  const mend = (status: number) =>
    [400, 401, 403, 422].includes(status)
      ? `set ${key} to the integration key of an Events API v2 integration that is enabled`
      : `set ${setting} to the events host of your region and ${key} to a key of it`;
  const post = openPost({ channel, url: `${url.replace(/\/+$/, "")}/v2/enqueue`, setting, mend }, options);
  return {
    name: channel,
    async send(message, limits) {
      // It keeps alerts, and has no other way to be told anything: one would be opened anew.
      if (message.notification.action === "note") return { answerId: null };
      const event = { routing_key: routingKey, ...eventOf(message) };
      return { answerId: answerIdOf(await post.send(JSON.stringify(event), {}, limits)) };
    },
    close: () => post.close(),
  };
}

function eventOf({ notification, at }: Message): Record<string, unknown> {
  const { action, dedupKey, title, priority, agentId, incidentId, kind, lines, link } = notification;
  const event = { event_action: action, dedup_key: keyOf(dedupKey) };
  if (action !== "trigger") return event;
  return {
    ...event,
    client: "Tourniquet",
    ...(link !== null && { client_url: link, links: [{ href: link, text: "Open" }] }),
    payload: {
      summary: clipped(`${priority} ${title}`, SUMMARY),
      source: agentId ?? "tourniquet",
      severity: severities[priority],
      timestamp: new Date(at).toISOString(),
      class: kind,
      ...(incidentId !== null && { component: incidentId }),
      custom_details: { priority, text: lines.join("\n") },
    },
  };
}

const keyOf = (dedupKey: string): string =>
  dedupKey.length <= DEDUP_KEY ? dedupKey : createHash("sha256").update(dedupKey).digest("hex");
