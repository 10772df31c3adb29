import type { Priority } from "./incident.ts";

/** A channel is one way to reach people; the names of those that exist are the notifiers' (notify/notifiers/index.ts). */
export const channels = ["slack", "pagerduty", "pagerduty-secondary", "webhook"] as const;
export type Channel = (typeof channels)[number];

/** Without acknowledgement for so long, these are told too (N2). */
export interface EscalationLevel {
  afterMs: number;
  to: readonly Channel[];
}

/** Escalation of one incident: the policy as it was when it opened, so that later edits change nothing for it (N2). */
export interface Escalation {
  policy: Readonly<Partial<Record<Priority, readonly EscalationLevel[]>>>;
  /** From when on the waiting counts: when it opened, or when its priority was last raised; Redis time in milliseconds. */
  since: number;
  /** How many levels of its priority were told. */
  told: number;
}
