import type { Channel } from "./escalation.ts";
import type { Priority } from "./incident.ts";

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

/** What a page says. How each is told, and to whom it is news, stands in notify/page-kinds.ts. */
export const pageKinds = [
  "contained",
  "observed",
  "freeze-failing",
  "agent-control-failing",
  "not-frozen-in-time",
  "not-contained-in-time",
  "hold-breached",
  "identity-compromise-suspected",
  "signal",
  "cascade",
  "cascade-acknowledged",
  "cascade-over",
  "freezes-waiting",
  "shutdown-waiting",
  "answered",
  "escalated",
  "acknowledged",
  "recovery-asked",
  "recovery-refused",
  "rung-taken",
  "rung-failing",
  "stepped-back",
  "recovery-stopped",
  "resolved",
  "superseded",
  "stood-down",
  "post-mortem",
  "dead-letter",
  "page-failed",
] as const;
export type PageKind = (typeof pageKinds)[number];

/**
 * page: decide who is told, one job each. send: tell one channel, so that one that fails retries alone (N1). publish: the
 * gateway's event bus. escalate: nobody acknowledged in time (N2); `level` counts from 0 among those of `priority`.
 */
export type NotificationJob = About &
  (
    | { kind: "page"; what: PageKind }
    | ({ kind: "send"; what: PageKind } & Send)
    | { kind: "publish" }
    | { kind: "escalate"; priority: Priority; level: number }
  );

/** One page on one channel. Its job id names it to the receiver, the same at every attempt. */
export interface Send {
  channel: Channel | "log";
  /** When it was decided, Redis time in milliseconds; left out, when it is sent. */
  at?: number;
  /** Who else is told of it, and hears if this channel cannot be. */
  others?: readonly Channel[];
  /** No more of this incident's for now: it went out more often than pages may. */
  isLast?: boolean;
  /** Of an escalation: which level this is. */
  escalation?: { priority: Priority; level: number };
  /** Of a page-failed: who could not be told, and of what. */
  failed?: { channel: Channel; what: PageKind };
}

/** What a notification is about. */
export interface About {
  agentId: string;
  incidentId: string | null;
  signalId: string | null;
  what: string;
  /** Set where it is about a cascade or about what waits for a person's word; incidentId and signalId are null then. */
  cascadeId?: string;
  approvalId?: string;
  /** Of a question that a person has answered: which one it was, since nothing is left of it. */
  answered?: { askedAt: number; said: "yes" | "no"; by: string };
  /** Of what may be published more than once of an incident: what is new this time. */
  occasion?: string;
  /** Of a dead letter: where it lies. incidentId is null where the job was about none. */
  deadLetter?: { queue: QueueName; jobId: string };
}

export interface Dispatch {
  /** Adding the same id twice is one job while the first is kept (guarantees.md section 4). */
  add<Q extends QueueName>(
    queue: Q,
    agentOrIncident: string,
    jobId: string,
    data: JobData[Q],
    /** forgotten: the id is free again as soon as the job has ended, so that there is one at a time and always a next one. */
    /** traceparent: of what led to it, where that is not what runs now. */
    options?: { delayMs?: number; forgotten?: boolean; traceparent?: string | undefined },
  ): Promise<void>;
  /** Whether this job waits, runs or is delayed; false once it is done, failed or gone. */
  isLive(queue: QueueName, agentOrIncident: string, jobId: string): Promise<boolean>;
}
