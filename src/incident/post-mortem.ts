import { z } from "zod";
import { priorities } from "./incident.ts";
import { signalKinds } from "./signal.ts";

/**
 * The post-mortem of one incident (F4), as it is stored, shown and rendered: the Markdown says nothing that is not in here.
 * Times are ISO 8601 in UTC, durations whole milliseconds, amounts decimal strings. null: not known, or it never came to it; the
 * sentence beside it says which.
 */
const time = z.iso.datetime();
const durationMs = z.number().int().nonnegative();
const amount = z.string().regex(/^\d+\.\d{2,8}$/);
const text = z.string().min(1);
const said = z.record(z.string(), z.union([z.string(), z.number()]));

/** not-judged: there was nothing to keep. open: the limit is still to come. */
const verdict = z.strictObject({
  limitMs: durationMs.nullable(),
  tookMs: durationMs.nullable(),
  verdict: z.enum(["kept", "missed", "open", "not-judged"]),
  why: text,
});
export type TimeVerdict = z.infer<typeof verdict>;

const timelineEntry = z.strictObject({
  at: time,
  phase: z.enum(["detect", "contain", "recover", "learn"]),
  what: text,
  text,
  /** Of a step that is done its name; documents from before this was kept have none. */
  step: text.optional(),
});
export type PostMortemEntry = z.infer<typeof timelineEntry>;

const duration = z.strictObject({ ms: durationMs.nullable(), why: text });

const timeline = z.strictObject({
  firstAnomalyAt: time,
  detectedAt: time,
  freezeRequestedAt: time.nullable(),
  effectiveAt: time.nullable(),
  containedAt: time.nullable(),
  acknowledgedAt: time.nullable(),
  closedAt: time.nullable(),
  durations: z.strictObject({ detect: duration, contain: duration, recover: duration, total: duration }),
  sixtySeconds: verdict,
  deadline: verdict,
  entries: z.array(timelineEntry),
  /** Entries beyond those that are shown. */
  leftOut: z.number().int().nonnegative(),
});

const figure = z.strictObject({ amount: amount.nullable(), why: text });

/** Everything that the estimate is made of, so that a reader can do the sum again. */
const preventedInputs = z.strictObject({
  /** What was committed from `from` to `until`. */
  principal: amount,
  payments: z.number().int().nonnegative(),
  /** Only what went to these; null: all of it. */
  payees: z.array(text).nullable(),
  from: time,
  until: time,
  /** Of the trend: at least a minute. */
  windowMs: durationMs,
  perMinute: amount,
  humanAt: time,
  /** From the freeze until a person came. */
  humanMs: durationMs,
  humanBasis: z.enum(["acknowledged", "acted", "assumed"]),
  trend: amount,
  /** What the wallet could still have paid; null: not known, and the trend is not bounded by it. */
  available: amount.nullable(),
});

const impact = z.strictObject({
  locked: figure,
  recovered: figure,
  lost: figure,
  stillHeld: figure,
  spent: figure,
  /** Of what was spent: the gateway's fees for its own calls. */
  fees: figure,
  prevented: z.strictObject({
    amount: amount.nullable(),
    why: text,
    inputs: preventedInputs.nullable(),
    assumptions: z.array(text),
  }),
});
export type Impact = z.infer<typeof impact>;

const seenSignal = z.strictObject({
  id: text,
  kind: z.enum(signalKinds),
  severity: z.enum(["info", "warning", "critical"]),
  at: time,
  sentence: text,
  rule: text,
  ruleVersion: z.number().int(),
  thresholds: said,
  observed: said,
  baseline: said.nullable(),
  events: z.array(text),
});

const rootCause = z.strictObject({
  /** What the person said who brought the agent back. */
  said: z.strictObject({ by: text, rootCause: text, fix: text }).nullable(),
  /** What the person said who called it a false alarm. */
  falseAlarm: z.strictObject({ by: text, reason: text }).nullable(),
  seen: z.array(seenSignal),
  decidedBy: text,
  cascade: z
    .strictObject({
      id: text,
      rootCause: text,
      why: text,
      isThisAgent: z.boolean(),
      members: z.array(z.strictObject({ agentId: text, incidentId: z.string().nullable(), signals: z.array(text) })),
    })
    .nullable(),
});

const effectiveness = z.strictObject({
  detection: z.strictObject({
    rule: text,
    eventsUntil: z.number().int().nonnegative(),
    firstAnomalyToDetectionMs: durationMs,
    text: z.array(text),
  }),
  containment: z.strictObject({
    escrows: z.strictObject({
      recovered: z.number().int(),
      lost: z.number().int(),
      stillHeld: z.number().int(),
      leftAlone: z.number().int(),
    }),
    /** How often somebody lifted the hold or spent past it. */
    breaches: z.number().int().nonnegative(),
    escrowsSlippedPast: z.number().int().nonnegative(),
    walletFrozen: z.boolean(),
    failures: z.array(z.strictObject({ step: text, times: z.number().int(), last: text })),
    text: z.array(text),
  }),
});

const affected = z.strictObject({
  data: z.array(text),
  tools: z.array(text),
  systems: z.array(text),
  agents: z.array(text),
  counterparties: z.array(
    z.strictObject({ payee: text, escrows: z.number().int(), locked: amount, recovered: amount, lost: amount }),
  ),
  /** Counterparties beyond those that are shown. */
  counterpartiesLeftOut: z.number().int().nonnegative(),
});

const recommendation = z.strictObject({ signal: z.enum(signalKinds), actions: z.array(text).min(1) });
const actionItem = z.strictObject({ what: text, owner: text, due: time, why: text });
export type ActionItem = z.infer<typeof actionItem>;

export const postMortemSchema = z.strictObject({
  version: z.literal(1),
  incidentId: text,
  agentId: text,
  priority: z.enum(priorities),
  runbooks: z.array(text),
  /** As the incident stood when this was written. */
  status: text,
  /** true: the incident is still open, and this is how it looks now. */
  isDraft: z.boolean(),
  writtenAt: time,
  title: text,
  summary: z.strictObject({
    happened: z.array(text).min(1),
    cost: z.array(text).min(1),
    prevented: z.array(text).min(1),
    left: z.array(text).min(1),
  }),
  timeline,
  impact,
  rootCause,
  effectiveness,
  affected,
  recommendations: z.array(recommendation),
  actionItems: z.array(actionItem),
  /** What is different from now on, so that it does not happen again. */
  changes: z.array(text),
  evidence: z.strictObject({ parts: z.array(text), unknown: z.array(text) }),
});
export type PostMortem = z.infer<typeof postMortemSchema>;

/** Where post-mortems are kept. Every method throws redis-unavailable or redis-full, and every write is safe to repeat. */
export interface PostMortems {
  load(incidentId: string): Promise<PostMortem | null>;
  /** Write-once; answers the one that stands. Its digest is in timeline and ledger from the same act on. */
  keep(incidentId: string, postMortem: PostMortem): Promise<PostMortem>;
  /** Whether what follows from it was handed over: jobs are forgotten one day, this is not. */
  isTold(incidentId: string): Promise<boolean>;
  told(incidentId: string): Promise<void>;
}
