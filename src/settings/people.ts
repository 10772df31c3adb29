import type { Channel, EscalationPolicy } from "../incident/escalation.ts";
import type { Priority } from "../incident/incident.ts";

/** R2, as data. */
export interface RecoverySettings {
  /** In order; the first at 0, the last at 100 percent of the caps from before. */
  rungs: readonly { afterMs: number; percent: number }[];
  /** From the first rung on: then watching is as on other days, and the incident resolved. */
  normalAfterMs: number;
  /** How often the agent is looked at meanwhile, and polled. */
  lookEveryMs: number;
}

/** N1: who is told of what, by priority. The log always is. */
export interface NotifySettings {
  routes: Readonly<Record<Priority, readonly Channel[]>>;
  deadlineMs: number;
  /** A receiver in one's own network must be allowed. */
  allowPrivateHosts: boolean;
}

/** N2. */
export type EscalationSettings = EscalationPolicy;

/** F2, F4, F6. */
export interface LearnSettings {
  /** How long it would have taken until a human came, where nobody acknowledged (the story: 2:47 to 3:14). */
  humanResponseMs: number;
  /** Who owns action items that nobody was named for. */
  owner: string;
  /** What becomes of a proposal: propose waits for a person, auto applies it, off makes none. */
  tuning: "propose" | "auto" | "off";
}
