import { z } from "zod";
import { channels } from "../../../incident/escalation.ts";
import { priorities, type Status, transitions } from "../../../incident/incident.ts";
import { recoveryShape } from "./recovery.ts";
import { signalShape } from "./signal.ts";
import { amount, count, time } from "./time.ts";

export const status = z.enum(Object.keys(transitions) as [Status, ...Status[]]);
export const priority = z.enum(priorities);
const phase = z.enum(["detect", "contain", "recover", "learn"]);
/** Its fields depend on what it is about. */
const detail = z.record(z.string(), z.unknown());

export const dollarsShape = z
  .object({
    locked: amount.meta({ description: "held by the agent's escrows when they were first seen" }),
    recovered: amount,
    lost: amount,
    atRisk: amount.nullable().meta({
      description:
        "what may still be saved; where isCounted is false at least so much. null: nothing is known yet, which is not nothing",
    }),
    isCounted: z.boolean().meta({
      description:
        "all of the agent's escrows were read, and a freeze holds where one was asked: 0.00 means nothing is held",
    }),
  })
  .meta({ id: "Dollars" });

const level = z.object({ afterMs: count, to: z.array(z.enum(channels)) });
const escalation = z.object({
  policy: z.partialRecord(priority, z.array(level)),
  priority: priority.nullable(),
  since: time,
  told: count.meta({ description: "how many levels were told" }),
  reached: z.array(z.enum(channels)),
  next: z
    .object({
      at: time,
      level: count,
      to: z.array(z.enum(channels)).meta({ description: "who will be told; empty: nobody can be" }),
      notConfigured: z
        .array(z.enum(channels))
        .nullable()
        .meta({ description: "named by the policy too, and not there; null: not known, and none is left out of `to`" }),
    })
    .nullable(),
});

const step = z.object({
  step: z.string(),
  status: z.enum(["done", "failed"]),
  at: time.nullable(),
  result: detail.nullable(),
});

const escrow = z.object({
  escrowId: z.string(),
  payee: z.string(),
  amount,
  result: z.enum(["held", "recovered", "lost", "skipped", "failed"]),
  reason: z.string(),
});

const twoCaps = z.object({ daily: amount.nullable(), monthly: amount.nullable() }).meta({
  description: "null: no cap",
});

/** What stand-down and recovery give back, as things stand now. */
export const capsToGiveBackShape = z
  .object({
    isTaken: z.boolean().meta({ description: "false: containment left the budget alone, and so do they" }),
    before: twoCaps.nullable().meta({ description: "null: nobody saw them, a person has to say them" }),
    month: z.enum(["known", "settings", "reckoned", "unknown"]).meta({
      description: "where the month's is from; reckoned: thirty times the day's; unknown: a person has to say it",
    }),
    source: z.enum(["last-seen", "gateway", "configured", "said", "month-said"]).nullable(),
    isConfirmed: z
      .boolean()
      .meta({ description: "the gateway showed them before the freeze; false: others may be right" }),
    seenAt: time.nullable().meta({ description: "when the gateway showed them; null: nobody knows" }),
    rungs: z.array(z.object({ percent: z.number(), afterMs: count, caps: twoCaps.nullable() })).meta({
      description:
        "of a recovery that begins now; caps null: a person has to say first what they are, or are shares of",
    }),
  })
  .meta({ id: "CapsToGiveBack" });

export const incidentShape = z
  .object({
    id: z.string(),
    agentId: z.string(),
    status,
    priority,
    runbook: z.string(),
    runbooks: z.array(z.string()).meta({ description: "all that its signals asked for: what is done is their union" }),
    dryRun: z.boolean(),
    cascadeId: z.string().nullable(),
    epoch: count,
    receivedAt: time.meta({ description: "of the event it is acted on for: every duration counts from here" }),
    observedFrom: time.nullable().meta({
      description:
        "of the event from which on it was only watched, where it was a dry run until the one of receivedAt came",
    }),
    openedAt: time,
    joinedAt: time.meta({ description: "when the last signal joined" }),
    requestedAt: time.nullable().meta({ description: "when the freeze was first asked of the gateway" }),
    effectiveAt: time.nullable().meta({ description: "when the gateway was first known to hold it" }),
    containedAt: time.nullable(),
    escrowsCountedAt: time
      .nullable()
      .meta({ description: "when all of the agent's escrows were read for the first time" }),
    walletFrozenAt: time.nullable(),
    closedAt: time.nullable(),
    deadlineMs: count.nullable(),
    timeliness: z.enum(["in-time", "late", "due", "overdue", "none"]),
    sentence: z.string().meta({ description: "the whole story, to be understood half asleep" }),
    decidedBy: z.string(),
    signalCount: count.meta({
      description: "how many signals opened or joined it; of those that say the same the list has the first 100",
    }),
    reassertions: count.meta({ description: "how often a freeze that somebody lifted was put back" }),
    standDown: z.object({ by: z.string(), reason: z.string(), askedAt: time }).nullable(),
    recovery: recoveryShape.nullable(),
    caps: capsToGiveBackShape.nullable().meta({ description: "null: it is over, or a dry run" }),
    supersededBy: z.string().nullable(),
    supersedes: z.string().nullable(),
    isUnattended: z.boolean(),
    acknowledged: z.object({ by: z.string(), at: time }).nullable(),
    escalation: escalation.nullable(),
    dollars: dollarsShape,
    signals: z.array(signalShape),
    steps: z.array(step),
    timeline: z.array(z.object({ at: time, phase, what: z.string(), detail })),
    escrows: z.array(escrow),
  })
  .meta({ id: "Incident" });

/** By part; what each source answered is kept as it said it, or `unknown` with the reason. */
export const evidenceShape = z.record(z.string(), z.record(z.string(), z.unknown())).meta({ id: "Evidence" });
