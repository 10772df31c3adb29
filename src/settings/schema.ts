import { z } from "zod";
import { type Money, parseMoney } from "../incident/money.ts";
import { signalKinds, type Tier } from "../incident/signal.ts";

/** The shape of the YAML file. Unknown keys are mistakes: a misspelt threshold would otherwise protect nobody. */
const severities = ["info", "warning", "critical"] as const;
const tiers = ["alert-human", "auto-contain", "full-shutdown"] as const satisfies readonly Tier[];

const wholeNumber = (least: number, most: number) => {
  const sentence = `must be a whole number from ${least} to ${most}`;
  return z.int(sentence).min(least, sentence).max(most, sentence);
};
const numberBetween = (least: number, most: number) => {
  const sentence = `must be a number from ${least} to ${most}`;
  return z.number(sentence).min(least, sentence).max(most, sentence);
};
const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values, `must be one of ${values.join(", ")}`);
const textLine = (what: string) =>
  z
    .string(`must be ${what}, as text; put it in quotes if it looks like a number`)
    .trim()
    .min(1, `must be ${what}`)
    .max(200, "must be at most 200 characters");
const day = 86_400_000;
const lengthMs = wholeNumber(1, day);

/** Amounts are read exactly; "500.00" in quotes and 500 without both work. */
const amount = z
  .custom((value) => (parseMoney(value) ?? -1n) >= 0n, 'must be an amount of money, such as "500.00"')
  .transform((value): Money => parseMoney(value)!);

function section<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not known here; known are: ${known}`
        : `must be a section with keys out of: ${known}`,
  });
}
function named<V extends z.ZodType>(value: V) {
  return z.record(z.string(), value, "must be a section with one key per agent id");
}
const list = <V extends z.ZodType>(value: V) => z.array(value, "must be a list (lines that begin with a dash)");

const keySource = section({
  env: z
    .string("must be the name of an environment variable")
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
    .optional(),
  file: textLine("the path of a file").optional(),
}).refine((source) => (source.env === undefined) !== (source.file === undefined), "must have either env or file");

const thresholdShape = {
  budgetExhaustionPct: numberBetween(1, 1_000).optional(),
  budgetWarningPct: numberBetween(1, 1_000).optional(),
  escrowBurst: section({
    identicalCount: wholeNumber(2, 10_000).optional(),
    identicalWindowMs: lengthMs.optional(),
    principalPerMinuteFactor: numberBetween(1, 1_000).optional(),
    principalColdStartPerMinute: amount.optional(),
    minimumCount: wholeNumber(1, 10_000).optional(),
    topPayeeShare: numberBetween(0, 1).optional(),
    minimumSamples: wholeNumber(1, 10_000).optional(),
  }).nullish(),
  payeeConcentration: section({ count: wholeNumber(1, 10_000).optional(), windowMs: lengthMs.optional() }).nullish(),
};

const agent = section({
  id: textLine("the agent's id"),
  wallet: textLine("a name that agents of one wallet share").optional(),
  pinnedPublicKey: z
    .string("must be a public key in hex")
    .regex(/^[0-9a-fA-F]{64}$/, "must be a public key in hex, 64 digits")
    .toLowerCase()
    .optional(),
  caps: section({
    daily: amount.nullable(),
    monthly: amount.nullable(),
    alertThreshold: numberBetween(0, 1).default(0.8),
  }).optional(),
});

export const settingsSchema = section({
  fleet: section({ agents: list(agent).nullish() }).nullish(),
  keys: section({ containment: keySource.optional(), agents: named(keySource).nullish() }).nullish(),
  thresholds: section({ ...thresholdShape, agents: named(section(thresholdShape)).nullish() }).nullish(),
  policy: list(
    section({
      signal: oneOf(signalKinds).optional(),
      severity: oneOf(severities).optional(),
      agent: textLine("the agent's id").optional(),
      tier: oneOf(tiers),
    }),
  ).nullish(),
  gateway: section({
    deadlineMs: wholeNumber(100, 60_000).optional(),
    inFlightBoundMs: wholeNumber(1_000, 600_000).optional(),
    concurrency: wholeNumber(1, 1_024).optional(),
    ratePerSecond: numberBetween(0.1, 10_000).optional(),
    burst: wholeNumber(1, 10_000).optional(),
    allowPrivateHosts: z.boolean("must be true or false").optional(),
  }).nullish(),
  containment: section({
    holdIntervalMs: wholeNumber(1_000, day).optional(),
    targetMs: lengthMs.optional(),
    ruleMs: lengthMs.optional(),
  }).nullish(),
});

export type SettingsDocument = z.output<typeof settingsSchema>;
export type ThresholdOverrides = Omit<NonNullable<SettingsDocument["thresholds"]>, "agents">;
export type KeySource = z.output<typeof keySource>;
