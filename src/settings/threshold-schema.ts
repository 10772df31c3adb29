import type { z } from "zod";
import { amount, lengthMs, list, numberBetween, oneOf, section, share, textLine, wholeNumber } from "./values.ts";

const count = wholeNumber(1, 10_000);
/** Of an agent's escrows so many must be kept that the threshold can be reached at all. */
const escrowCount = wholeNumber(1, 1_000);
/** An hour back is as far as an agent's escrows are looked at. */
const withinAnHour = wholeNumber(1, 3_600_000);
/** As many minutes of an agent are kept. */
const samples = wholeNumber(1, 120);
const percent = numberBetween(1, 1_000);

/** One key per field of `Thresholds`, all of them optional. */
export const thresholdShape = {
  budgetExhaustionPct: percent.optional(),
  budgetWarningPct: percent.optional(),
  reputation: section({
    criticalDelta: share.optional(),
    warningDelta: share.optional(),
    criticalDropPct: numberBetween(0, 100).optional(),
    warningDropPct: numberBetween(0, 100).optional(),
  }).nullish(),
  costAnomaly: section({
    baseline: oneOf(["robust", "mean-sigma"]).optional(),
    sigmas: numberBetween(0.1, 100).optional(),
    intervalMs: wholeNumber(60_000, 3_600_000)
      .refine((ms) => ms % 60_000 === 0, "must be whole minutes, in milliseconds")
      .optional(),
    minimumSamples: wholeNumber(3, 120).optional(),
    minimumFactor: numberBetween(1, 1_000).optional(),
    coldStartPerInterval: amount.optional(),
    minimumSpend: amount.optional(),
    repeatedShare: share.optional(),
    absolutePerInterval: amount.nullable().optional(),
  }).nullish(),
  escrowBurst: section({
    identicalCount: wholeNumber(2, 1_000).optional(),
    identicalWindowMs: withinAnHour.optional(),
    principalPerMinuteFactor: numberBetween(1, 1_000).optional(),
    principalColdStartPerMinute: amount.optional(),
    minimumCount: escrowCount.optional(),
    topPayeeShare: share.optional(),
    minimumSamples: samples.optional(),
  }).nullish(),
  payeeConcentration: section({ count: escrowCount.optional(), windowMs: withinAnHour.optional() }).nullish(),
  cancellationRate: section({
    share: share.optional(),
    minimumCount: escrowCount.optional(),
    windowMs: withinAnHour.optional(),
  }).nullish(),
  identityCompromise: section({ minimumSamples: count.optional() }).nullish(),
  sharedResource: section({
    agents: wholeNumber(2, 10_000).optional(),
    windowMs: lengthMs.optional(),
    minimumBalance: amount.optional(),
  }).nullish(),
  toolCallBurst: section({
    factor: numberBetween(1, 1_000).optional(),
    callsPerMinute: numberBetween(1, 10_000).optional(),
    minimumSamples: count.optional(),
  }).nullish(),
  toolSequences: section({
    sequences: list(list(textLine("the name of a tool")).min(1, "must name at least one tool")).optional(),
    last: wholeNumber(1, 50).optional(),
  }).nullish(),
  dataExfiltration: section({
    tools: list(textLine("the name of a tool")).optional(),
    bodyBytes: wholeNumber(1, 10_000_000).optional(),
  }).nullish(),
  errorSpike: section({ count: count.optional(), windowMs: lengthMs.optional() }).nullish(),
  combined: section({ windowMs: lengthMs.optional() }).nullish(),
} satisfies z.ZodRawShape;
