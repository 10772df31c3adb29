import { type Money, money } from "../incident/money.ts";

/**
 * Every threshold of mission table D, with its default. Per fleet, and per agent where the file says so. Lengths of time are
 * milliseconds, shares 0..1, amounts Money. "More than" and "from" are spelled out where a rule needs them.
 */
export interface Thresholds {
  /** D1: critical from here. */
  budgetExhaustionPct: number;
  /** D1: warning from here. */
  budgetWarningPct: number;
  /** D2. Deltas are of one pushed change, strictly more; drops are percent of the baseline of a polled score, from there on. */
  reputation: { criticalDelta: number; warningDelta: number; criticalDropPct: number; warningDropPct: number };
  costAnomaly: CostAnomalyThresholds;
  escrowBurst: EscrowBurstThresholds;
  /** D5: more than `count`. */
  payeeConcentration: { count: number; windowMs: number };
  /** D6: more than `share` of at least `minimumCount` escrows. */
  cancellationRate: { share: number; minimumCount: number; windowMs: number };
  /** D7: how many authentications of an agent must be known before a new trait of one means anything. */
  identityCompromise: { minimumSamples: number };
  /** D8: so many agents of one resource failing for lack of balance; or its balance at or below `minimumBalance`. */
  sharedResource: { agents: number; windowMs: number; minimumBalance: Money };
  /** D9: more than `factor` times the agent's own calls per minute; `callsPerMinute` until its own are known. */
  toolCallBurst: { factor: number; callsPerMinute: number; minimumSamples: number };
  /** D10: each an ordered subsequence of the last `last` tool calls. */
  toolSequences: { sequences: readonly (readonly string[])[]; last: number };
  /** D11: more than `bodyBytes` in one call of these tools. */
  dataExfiltration: { tools: readonly string[]; bodyBytes: number };
  /** D12: more than `count`. */
  errorSpike: { count: number; windowMs: number };
  /** D15: two different signals of one agent within this time are critical together. */
  combined: { windowMs: number };
}

export interface CostAnomalyThresholds {
  /** robust: median and MAD, and what is anomalous teaches nothing. mean-sigma: the seeds' own, which its outliers mislead. */
  baseline: "robust" | "mean-sigma";
  /** N of "above N sigma". Twice that threshold is critical. */
  sigmas: number;
  intervalMs: number;
  minimumSamples: number;
  /** robust only: the threshold is at least so many times the median, since a perfectly even agent has no spread. */
  minimumFactor: number;
  /** robust only: stands in for the threshold until there are enough samples. Twice of it is critical in a single payment too. */
  coldStartPerInterval: Money;
  /** Less than this in an interval is never an anomaly. */
  minimumSpend: Money;
  /** robust only: where less than this share was paid again to the same payees a spike is a batch, and a warning at most. */
  repeatedShare: number;
  /** A threshold beside the baseline's; null: none. The playbook's second form is 500.00. */
  absolutePerInterval: Money | null;
}

export interface EscrowBurstThresholds {
  /** So many escrows of one amount to one payee within the window are a retry loop. */
  identicalCount: number;
  identicalWindowMs: number;
  /** Principal per minute over so many times the agent's own is a burst. */
  principalPerMinuteFactor: number;
  /** Stands in for the agent's own until it has `minimumSamples`. */
  principalColdStartPerMinute: Money;
  minimumCount: number;
  /** And this share of it must go to one payee: a batch that pays many is none. */
  topPayeeShare: number;
  minimumSamples: number;
}

/** Mission tables D and P; the burst's from the 2:47 story and the benign traces it must not fire on. */
export const defaultThresholds: Thresholds = {
  budgetExhaustionPct: 95,
  budgetWarningPct: 80,
  reputation: { criticalDelta: 0.3, warningDelta: 0.15, criticalDropPct: 30, warningDropPct: 15 },
  costAnomaly: {
    baseline: "robust",
    sigmas: 2,
    intervalMs: 60_000,
    minimumSamples: 10,
    minimumFactor: 3,
    coldStartPerInterval: money("5000.00"),
    minimumSpend: money("100.00"),
    repeatedShare: 0.6,
    absolutePerInterval: null,
  },
  escrowBurst: {
    identicalCount: 8,
    identicalWindowMs: 60_000,
    principalPerMinuteFactor: 4,
    principalColdStartPerMinute: money("5000.00"),
    minimumCount: 8,
    topPayeeShare: 0.8,
    minimumSamples: 10,
  },
  payeeConcentration: { count: 10, windowMs: 300_000 },
  cancellationRate: { share: 0.5, minimumCount: 10, windowMs: 3_600_000 },
  identityCompromise: { minimumSamples: 20 },
  sharedResource: { agents: 2, windowMs: 300_000, minimumBalance: money("0.00") },
  toolCallBurst: { factor: 3, callsPerMinute: 10, minimumSamples: 10 },
  toolSequences: {
    sequences: [
      ["read_secret", "http_request"],
      ["database_query", "send_email"],
      ["file_read", "http_request"],
    ],
    last: 5,
  },
  dataExfiltration: { tools: ["http_request", "send_email", "webhook_call"], bodyBytes: 10_000 },
  errorSpike: { count: 20, windowMs: 300_000 },
  combined: { windowMs: 60_000 },
};

/** What a file says in place of a threshold; what it does not say stays as it was. */
export type ThresholdOverrides = {
  readonly [K in keyof Thresholds]?: Thresholds[K] extends object
    ? { readonly [F in keyof Thresholds[K]]?: Thresholds[K][F] | undefined } | null | undefined
    : Thresholds[K] | undefined;
};

/** Field by field within a section; a list is replaced as a whole. */
export function withOverrides(base: Thresholds, own: ThresholdOverrides): Thresholds {
  const sections = Object.entries(base).map(([name, value]) => {
    const said = own[name as keyof Thresholds];
    if (said === undefined || said === null) return [name, value];
    return [name, typeof value === "object" ? { ...value, ...defined(said as object) } : said];
  });
  return Object.fromEntries(sections) as Thresholds;
}

/** Without the fields that are undefined: they would hide what they were meant to leave alone. */
export function defined<T extends object>(section: T | null | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(section ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
