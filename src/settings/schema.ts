import { z } from "zod";
import { agentId } from "../incident/agent-id.ts";
import { channels } from "../incident/escalation.ts";
import { signalKinds, type Tier } from "../incident/signal.ts";
import { thresholdShape } from "./threshold-schema.ts";
import {
  amount,
  DAY_MS,
  lengthMs,
  list,
  named,
  numberBetween,
  oneOf,
  section,
  share,
  textLine,
  timeWithZone,
  wholeNumber,
  yesOrNo,
} from "./values.ts";

/** The shape of the YAML file. Everything may be left out. */
const severities = ["info", "warning", "critical"] as const;
const tiers = ["alert-human", "auto-contain", "full-shutdown"] as const satisfies readonly Tier[];
/** One that no event could name would stand there unwatched. */
const agentText = z
  .string("must be the agent's id, as text; put it in quotes if it looks like a number")
  .trim()
  .pipe(agentId);

const keySource = section({
  env: z
    .string("must be the name of an environment variable")
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
    .optional(),
  file: textLine("the path of a file").optional(),
}).refine((source) => (source.env === undefined) !== (source.file === undefined), "must have either env or file");

const agent = section({
  id: agentText,
  value: oneOf(["high", "low"]).optional(),
  wallet: textLine("a name that agents of one wallet share").optional(),
  tools: list(textLine("the name of a tool")).optional(),
  prompt: textLine("a name that agents of one prompt share").optional(),
  service: textLine("the id of the service it offers at the gateway").optional(),
  pinnedPublicKey: z
    .string("must be a public key in hex")
    .regex(/^[0-9a-fA-F]{64}$/, "must be a public key in hex, 64 digits")
    .toLowerCase()
    .optional(),
  reputationBaseline: share.optional(),
  caps: section({
    daily: amount.nullable(),
    monthly: amount.nullable(),
    alertThreshold: share.default(0.8),
  }).optional(),
});

const silence = section({
  owner: textLine("who answers for it"),
  reason: textLine("why it is there"),
  from: timeWithZone.optional(),
  until: timeWithZone,
  agent: agentText.optional(),
  signal: oneOf(signalKinds).optional(),
  holdsContainment: yesOrNo.optional(),
});

export const settingsSchema = section({
  mode: oneOf(["act", "observe"]).optional(),
  fleet: section({
    agents: list(agent).nullish(),
    shutdown: oneOf(["approve", "auto", "off"]).optional(),
    automaticFreezes: section({ share: share.optional(), atLeast: wholeNumber(0, 100_000).optional() }).nullish(),
  }).nullish(),
  keys: section({ containment: keySource.optional(), agents: named(keySource, agentText).nullish() }).nullish(),
  thresholds: section({ ...thresholdShape, agents: named(section(thresholdShape), agentText).nullish() }).nullish(),
  policy: list(
    section({
      signal: oneOf(signalKinds).optional(),
      severity: oneOf(severities).optional(),
      agent: agentText.optional(),
      tier: oneOf(tiers),
    }),
  ).nullish(),
  runbooks: named(section({ dryRun: yesOrNo.optional() }).nullable(), z.string(), "runbook").nullish(),
  silences: list(silence).nullish(),
  cascade: section({ agents: wholeNumber(2, 1_000).optional(), windowMs: lengthMs.optional() }).nullish(),
  breaker: section({
    failures: wholeNumber(1, 1_000).optional(),
    openMs: lengthMs.optional(),
    probeMs: lengthMs.optional(),
  }).nullish(),
  watch: section({
    highValueEveryMs: wholeNumber(1_000, DAY_MS).optional(),
    lowValueEveryMs: wholeNumber(1_000, DAY_MS).optional(),
    seenAgents: wholeNumber(0, 10_000).optional(),
    webhookGraceMs: lengthMs.optional(),
    pingEveryMs: wholeNumber(10_000, DAY_MS).optional(),
    heartbeatEveryMs: wholeNumber(1_000, DAY_MS).optional(),
  }).nullish(),
  agentControl: section({
    deadlineMs: wholeNumber(100, 60_000).optional(),
    restrictSimilar: list(oneOf(["tool", "prompt", "wallet"])).optional(),
    allowPrivateHosts: yesOrNo.optional(),
  }).nullish(),
  gateway: section({
    deadlineMs: wholeNumber(100, 60_000).optional(),
    inFlightBoundMs: wholeNumber(1_000, 600_000).optional(),
    concurrency: wholeNumber(1, 1_024).optional(),
    ratePerSecond: numberBetween(0.1, 10_000).optional(),
    burst: wholeNumber(1, 10_000).optional(),
    callsPerHour: wholeNumber(10, 100_000_000).optional(),
    reserveShare: share.optional(),
    allowPrivateHosts: yesOrNo.optional(),
  }).nullish(),
  containment: section({
    holdIntervalMs: wholeNumber(1_000, DAY_MS).optional(),
    targetMs: lengthMs.optional(),
    ruleMs: lengthMs.optional(),
  }).nullish(),
  recovery: section({
    rungs: list(section({ afterMs: wholeNumber(0, 30 * DAY_MS), percent: wholeNumber(1, 100) })).optional(),
    normalAfterMs: wholeNumber(0, 30 * DAY_MS).optional(),
    lookEveryMs: wholeNumber(1_000, DAY_MS).optional(),
  }).nullish(),
  notify: section({
    routes: section(byPriority(list(oneOf(channels)))).nullish(),
    deadlineMs: wholeNumber(100, 60_000).optional(),
    allowPrivateHosts: yesOrNo.optional(),
  }).nullish(),
  escalation: section(
    byPriority(list(section({ afterMs: wholeNumber(1_000, DAY_MS), to: list(oneOf(channels)).optional() }))),
  ).nullish(),
  learn: section({
    humanResponseMs: wholeNumber(1_000, DAY_MS).optional(),
    owner: textLine("who owns what is left to do").optional(),
    tuning: oneOf(["propose", "auto", "off"]).optional(),
  }).nullish(),
});

function byPriority<V extends z.ZodType>(value: V) {
  return { P0: value.optional(), P1: value.optional(), P2: value.optional(), P3: value.optional() };
}

export type SettingsDocument = z.output<typeof settingsSchema>;
export type KeySource = z.output<typeof keySource>;
