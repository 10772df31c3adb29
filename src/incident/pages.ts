import type { Channel } from "./escalation.ts";

/** What a page is counted with: an incident's own, or an agent's, a cascade's or a question's. */
export interface PageAbout {
  agentId: string;
  incidentId: string | null;
  /** Distinguishes what is about no incident. */
  key: string;
}

export interface PageRules {
  /** The same page is told again after so long. */
  againMs: number;
  /** So many within an hour; null: this one is always told, and does not count. */
  mostPerHour: number | null;
}

/** What was told of late, so that a page comes once, comes again while the trouble lasts, and never floods (N1). */
export interface Pages {
  /**
   * tell: it is news, or its turn again. log-only: too many went out within the hour. told: it was told so lately. Until
   * `done` the same answer comes again, with the same `at` (Redis time in milliseconds): whoever died in between is repeated,
   * not followed by a second page. inHour counts this one.
   */
  begin(
    about: PageAbout,
    page: string,
    rules: PageRules,
  ): Promise<{ answer: "tell" | "log-only" | "told"; at: number; inHour: number }>;
  done(about: PageAbout, page: string): Promise<void>;
  /** Notes that a channel could not be told of a page for good; answers all that could not. */
  failed(about: PageAbout, page: string, channel: Channel): Promise<readonly Channel[]>;
  /** For the metrics; an attempt that is repeated after a crash counts again. */
  count(channel: Channel | "log", outcome: PageOutcome): Promise<void>;
  counts(): Promise<readonly { channel: string; outcome: string; count: number }[]>;
}

/** failed: one attempt. given-up: no further one is made. lost: nor any on another channel. */
export const pageOutcomes = ["delivered", "failed", "given-up", "lost"] as const;
export type PageOutcome = (typeof pageOutcomes)[number];
