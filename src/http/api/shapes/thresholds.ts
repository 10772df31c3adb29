import { z } from "zod";
import { amount, count } from "./time.ts";

const share = z.number().min(0).max(1);
const inTime = { count, windowMs: count };

/** Every threshold of mission table D, as it is in force for the fleet or for one agent. */
export const thresholds = {
  budgetExhaustionPct: z.number(),
  budgetWarningPct: z.number(),
  reputation: z.object({
    criticalDelta: z.number(),
    warningDelta: z.number(),
    criticalDropPct: z.number(),
    warningDropPct: z.number(),
  }),
  costAnomaly: z.object({
    baseline: z.enum(["robust", "mean-sigma"]),
    sigmas: z.number(),
    intervalMs: count,
    minimumSamples: count,
    minimumFactor: z.number(),
    coldStartPerInterval: amount,
    minimumSpend: amount,
    repeatedShare: share,
    absolutePerInterval: amount.nullable(),
  }),
  escrowBurst: z.object({
    identicalCount: count,
    identicalWindowMs: count,
    principalPerMinuteFactor: z.number(),
    principalColdStartPerMinute: amount,
    minimumCount: count,
    topPayeeShare: share,
    minimumSamples: count,
  }),
  payeeConcentration: z.object(inTime),
  cancellationRate: z.object({ share, minimumCount: count, windowMs: count }),
  identityCompromise: z.object({ minimumSamples: count }),
  sharedResource: z.object({ agents: count, windowMs: count, minimumBalance: amount }),
  toolCallBurst: z.object({ factor: z.number(), callsPerMinute: z.number(), minimumSamples: count }),
  toolSequences: z.object({ sequences: z.array(z.array(z.string())), last: count }),
  dataExfiltration: z.object({ tools: z.array(z.string()), bodyBytes: count }),
  errorSpike: z.object(inTime),
  combined: z.object({ windowMs: count }),
};

export const thresholdsShape = z.object(thresholds).meta({ id: "Thresholds" });
