import type { Phase } from "../incident/incident.ts";
import type { PageKind } from "../incident/jobs.ts";
import type { Notification } from "./notification.ts";

/** How a page of one kind is told. */
export interface PageRule {
  /** What becomes of the alert (N1). */
  action: Notification["action"];
  /** A person is needed now: a pager may ring. Otherwise it is read when somebody looks. */
  wakes: boolean;
  phase: Phase;
  /** It comes only so often by itself, and must not be lost among others: the hourly limit does not hold it back. */
  always: boolean;
}

const urgent = { action: "trigger", wakes: true, phase: "contain", always: false } as const;
/** Its incident may be over: it opens no alert, and changes none. */
const news = { action: "note", wakes: false, phase: "recover", always: false } as const;
const over = { action: "resolve", wakes: false, phase: "recover", always: true } as const;

export const pageRules: Readonly<Record<PageKind, PageRule>> = {
  contained: urgent,
  // The agent goes on: nobody stops it but a person.
  observed: urgent,
  "freeze-failing": urgent,
  "agent-control-failing": urgent,
  "not-frozen-in-time": { ...urgent, always: true },
  "not-contained-in-time": { ...urgent, always: true },
  "hold-breached": urgent,
  "identity-compromise-suspected": urgent,
  signal: { ...urgent, phase: "detect" },
  cascade: { ...urgent, always: true },
  "cascade-acknowledged": { ...news, action: "acknowledge", phase: "contain", always: true },
  "cascade-over": over,
  "freezes-waiting": { ...urgent, always: true },
  "shutdown-waiting": { ...urgent, always: true },
  answered: { ...over, phase: "contain" },
  escalated: { ...urgent, always: true },
  acknowledged: { ...news, action: "acknowledge", phase: "contain", always: true },
  // Whoever asks has it: no pager goes on ringing while it recovers (N2).
  "recovery-asked": { ...news, action: "acknowledge", always: true },
  "recovery-refused": news,
  "rung-taken": news,
  // Nothing is lost: the agent has less than it may have, or the step back before it has woken somebody.
  "rung-failing": { ...news, always: true },
  "stepped-back": { ...urgent, phase: "recover", always: true },
  // Whoever lowered them is awake.
  "recovery-stopped": { ...news, always: true },
  resolved: over,
  superseded: over,
  "stood-down": over,
  "post-mortem": { ...news, phase: "learn" },
  "dead-letter": { ...urgent, always: true },
  "page-failed": { ...urgent, always: true },
};
