import type { Channel } from "./escalation.ts";

/** The table of work lies in queues/jobs.ts; data carries ids only, the worker loads what counts. */
export interface JobData {
  /** eventId null: the verdict alone decides; it was concluded from more than events, or by a person. */
  freeze:
    | { eventId: string; agentId: string; signalId: string | null }
    | { eventId: null; agentId: string; signalId: string }
    | { seeCapsOf: string }
    /** Policy answered this verdict with full-shutdown: ask for it, or do it (P4). */
    | { shutdownFor: { agentId: string; signalId: string } };
  contain: { incidentId: string };
  /** The second: a verdict that was kept, and may belong to a cascade (RB5). */
  correlate: { eventId: string } | { agentId: string; signalId: string };
  /** cascadeId: the deep look at its root cause. post-mortem: the incident is over. */
  forensics: { incidentId: string; part: "at-containment" | "after" | "post-mortem" } | { cascadeId: string };
  notification: NotificationJob;
  /** Stand-down or recovery, whichever was asked for. */
  recovery: { incidentId: string };
  /** everyMs: how often this look is made; ping: whether the test ping asked for then has arrived (I7, I8). */
  watch:
    | { look: "agent"; agentId: string; everyMs: number }
    | { look: "bus" }
    | { look: "webhooks" }
    | { look: "ping"; askedAt: number; webhookId: string };
}
export type QueueName = keyof JobData;

/**
 * page: decide who is told, one job each. send: tell one channel, so that one that fails retries alone (N1). publish: the
 * gateway's event bus. escalate: nobody acknowledged in time (N2); `level` counts from 0.
 */
export type NotificationJob = About &
  ({ kind: "page" | "publish" } | { kind: "send"; channel: Channel | "log" } | { kind: "escalate"; level: number });

/** What a notification is about. */
export interface About {
  agentId: string;
  incidentId: string | null;
  signalId: string | null;
  what: string;
  /** Set where it is about a cascade or about what waits for a person's word; incidentId and signalId are null then. */
  cascadeId?: string;
  approvalId?: string;
}

export interface Dispatch {
  /** Adding the same id twice is one job while the first is kept (guarantees.md section 4). */
  add<Q extends QueueName>(
    queue: Q,
    agentOrIncident: string,
    jobId: string,
    data: JobData[Q],
    /** forgotten: the id is free again as soon as the job has ended, so that there is one at a time and always a next one. */
    options?: { delayMs?: number; forgotten?: boolean },
  ): Promise<void>;
  /** Whether this job waits, runs or is delayed; false once it is done, failed or gone. */
  isLive(queue: QueueName, agentOrIncident: string, jobId: string): Promise<boolean>;
}
