import type { Channel } from "../incident/escalation.ts";
import type { IncidentView } from "../incident/incident.ts";
import type { NotifySettings } from "../settings/people.ts";
import type { Notification } from "./notification.ts";
import { pageRules } from "./page-kinds.ts";

/** Channels that ring. */
const pagers: readonly Channel[] = ["pagerduty", "pagerduty-secondary"];
export const isPager = (channel: Channel | "log"): boolean => (pagers as readonly string[]).includes(channel);

/**
 * Who is told (P2): the route of the priority as it is now, as far as its channels exist. A pager rings for what needs a
 * person and hears when that is over; whoever was told of an incident at all hears who has it and how it ended.
 */
export function routeOf(
  { kind, action, priority }: Pick<Notification, "kind" | "action" | "priority">,
  { routes }: Pick<NotifySettings, "routes">,
  configured: readonly Channel[],
  told: readonly Channel[],
): Channel[] {
  const wanted = [...routes[priority], ...(endsOrHolds(action) ? told : [])];
  const rings = kind === "test" || pageRules[kind].wakes || endsOrHolds(action);
  return configured.filter((channel) => wanted.includes(channel) && (rings || !isPager(channel)));
}

/** It changes the alert that others opened. */
const endsOrHolds = (action: Notification["action"]): boolean => action === "acknowledge" || action === "resolve";

/** Channels that this incident's pages went to, its escalation's included. */
export function toldOf({ timeline, escalation }: Pick<IncidentView, "timeline" | "escalation">): Channel[] {
  const sent = timeline.filter(({ what }) => what === "page-sent").map(({ detail }) => detail.channel as Channel);
  return [...new Set([...sent, ...(escalation?.reached ?? [])])];
}
