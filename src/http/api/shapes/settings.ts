import { z } from "zod";
import { channels } from "../../../incident/escalation.ts";
import { signalKinds } from "../../../incident/signal.ts";
import { priority } from "./incident.ts";
import { severity, tier } from "./signal.ts";
import { thresholds, thresholdsShape } from "./thresholds.ts";
import { amount, count, time } from "./time.ts";

const share = z.number().min(0).max(1);
const channel = z.enum(channels);
const levels = z.array(z.object({ afterMs: count, to: z.array(channel) }));

const agent = z.object({
  id: z.string(),
  value: z.enum(["high", "low"]),
  wallet: z.string().optional(),
  tools: z.array(z.string()),
  prompt: z.string().optional(),
  service: z.string().optional(),
  pinnedPublicKey: z.string().optional(),
  reputationBaseline: z.number().optional(),
  caps: z.object({ daily: amount.nullable(), monthly: amount.nullable(), alertThreshold: share }).optional(),
});

const silence = z.object({
  id: z.string(),
  owner: z.string(),
  reason: z.string(),
  from: time.nullable(),
  until: time,
  agent: z.string().optional(),
  signal: z.enum(signalKinds).optional(),
  holdsContainment: z.boolean(),
});

const policyLine = z.object({
  signal: z.enum(signalKinds).optional(),
  severity: severity.optional(),
  agent: z.string().optional(),
  tier,
  source: z.string(),
});

/** What the settings file can say (docs/tourniquet.example.yaml), whole: what it leaves out with its default. */
const settings = z
  .object({
    mode: z.enum(["act", "observe"]),
    fleet: z.object({
      agents: z.array(agent),
      shutdown: z.enum(["approve", "auto", "off"]),
      automaticFreezes: z.object({ share, atLeast: count }),
    }),
    keys: z.object({ containment: z.string(), agents: z.record(z.string(), z.string()) }),
    thresholds: z.object({ ...thresholds, agents: z.record(z.string(), thresholdsShape) }),
    policy: z.array(policyLine),
    runbooks: z.record(z.string(), z.object({ dryRun: z.boolean() })),
    silences: z.array(silence),
    cascade: z.object({ agents: count, windowMs: count }),
    breaker: z.object({ failures: count, openMs: count, probeMs: count }),
    watch: z.object({
      highValueEveryMs: count,
      lowValueEveryMs: count,
      seenAgents: count,
      webhookGraceMs: count,
      pingEveryMs: count,
      heartbeatEveryMs: count,
    }),
    agentControl: z.object({
      deadlineMs: count,
      restrictSimilar: z.array(z.enum(["tool", "prompt", "wallet"])),
      allowPrivateHosts: z.boolean(),
    }),
    gateway: z.object({
      deadlineMs: count,
      inFlightBoundMs: count,
      concurrency: count,
      ratePerSecond: z.number().optional(),
      burst: count.optional(),
      callsPerHour: count.optional(),
      reserveShare: share,
      allowPrivateHosts: z.boolean(),
    }),
    containment: z.object({ holdIntervalMs: count, targetMs: count, ruleMs: count }),
    recovery: z.object({
      rungs: z.array(z.object({ afterMs: count, percent: z.number() })),
      normalAfterMs: count,
      lookEveryMs: count,
    }),
    notify: z.object({
      routes: z.record(priority, z.array(channel)),
      deadlineMs: count,
      allowPrivateHosts: z.boolean(),
    }),
    escalation: z.partialRecord(priority, levels),
    learn: z.object({ humanResponseMs: count, owner: z.string(), tuning: z.enum(["propose", "auto", "off"]) }),
  })
  .meta({ id: "Settings" });

/** What is in force in the process that answers, and where each value comes from. */
export const settingsInForceShape = z
  .object({
    hash: z.string().meta({ description: "the same settings have the same one in every process" }),
    loadedAt: time,
    isStale: z.boolean().meta({ description: "the last reload failed: the file is newer than what is in force" }),
    failedReload: z.object({ at: time, mistakes: z.array(z.string()) }).nullable(),
    needsRestart: z.array(z.string()),
    file: z.string().nullable(),
    lines: z.record(z.string(), z.int()).meta({ description: "path of each value that the file says to its line" }),
    tuned: z.array(z.object({ path: z.string(), value: z.number(), fileValue: z.number(), tuning: z.string() })),
    settings,
  })
  .meta({ id: "SettingsInForce" });

export const reloadedShape = z.object({
  answer: z.enum(["reloaded", "unchanged", "kept-old"]),
  hash: z.string().meta({ description: "of what is in force now" }),
  mistakes: z.array(z.string()).meta({ description: "why the old ones were kept; empty unless they were" }),
  needsRestart: z.array(z.string()),
});

const remark = z.object({ line: z.int().nullable(), message: z.string() });

export const settingsCheckedShape = z
  .object({
    isValid: z.boolean(),
    mistakes: z.array(z.string()).meta({ description: "each with its line; empty: the file is in order" }),
    warnings: z.array(remark).meta({ description: "allowed, and probably not meant" }),
    differences: z.array(
      z.object({ path: z.string(), value: z.string(), fallback: z.string().nullable(), line: z.int().nullable() }),
    ),
    policy: z.array(z.string()).meta({ description: "every line, in the order in which they decide" }),
  })
  .meta({ id: "SettingsChecked" });
