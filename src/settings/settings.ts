import { TourniquetError } from "../errors.ts";
import { type Money, money } from "../incident/money.ts";
import type { Severity, SignalKind, Tier } from "../incident/signal.ts";
import { readSecret, readSecretFile } from "./secret.ts";
import { type KeySource, type SettingsDocument, settingsSchema, type ThresholdOverrides } from "./schema.ts";
import { type LineOf, mistakeAt, readYaml } from "./yaml-document.ts";

/** What one YAML file says about a fleet; docs/tourniquet.example.yaml shows all of it. Without a file: the defaults. */
export interface Settings {
  fleet: { agents: readonly FleetAgent[] };
  /** Key values, already read from where the file points. Undefined and empty: GREENHELIX_API_KEY serves for all. */
  keys: { containment: string | undefined; agents: ReadonlyMap<string, string> };
  thresholds: Thresholds;
  /** Whole threshold sets of agents that have overrides; ask with `thresholdsFor`. */
  agentThresholds: ReadonlyMap<string, Thresholds>;
  /** The file's rules, then the default table; the first that matches decides. A signal that none matches is only logged. */
  policy: readonly PolicyRule[];
  gateway: GatewaySettings;
  containment: ContainmentSettings;
}

export interface FleetAgent {
  id: string;
  /** Agents naming the same wallet run dry together. */
  wallet: string | undefined;
  /** Hex, as the gateway shows it. */
  pinnedPublicKey: string | undefined;
  /** The caps of normal days: what a freeze restores if the caps could not be read. null: uncapped. */
  caps: { daily: Money | null; monthly: Money | null; alertThreshold: number } | undefined;
}

export interface Thresholds {
  budgetExhaustionPct: number;
  budgetWarningPct: number;
  escrowBurst: {
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
  };
  payeeConcentration: { count: number; windowMs: number };
}

export interface PolicyRule {
  signal: SignalKind | undefined;
  severity: Severity | undefined;
  agent: string | undefined;
  tier: Tier;
  /** For the reason of a decision: "policy line 31" or "default policy". */
  source: string;
}

export interface GatewaySettings {
  deadlineMs: number;
  /** So long a call without an answer may still take effect: the gateway's own 30 s and 5 s for the way (G7, G9). */
  inFlightBoundMs: number;
  /** Calls at once, in one process. */
  concurrency: number;
  /** Undefined: no limit of ours. */
  ratePerSecond: number | undefined;
  burst: number | undefined;
  allowPrivateHosts: boolean;
}

export interface ContainmentSettings {
  holdIntervalMs: number;
  targetMs: number;
  ruleMs: number;
}

/** Mission tables D and P; the burst's from the 2:47 story and the benign traces it must not fire on. */
export const defaultThresholds: Thresholds = {
  budgetExhaustionPct: 95,
  budgetWarningPct: 80,
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
};

const defaultGateway: GatewaySettings = {
  deadlineMs: 5_000,
  inFlightBoundMs: 35_000,
  concurrency: 320,
  ratePerSecond: undefined,
  burst: undefined,
  allowPrivateHosts: false,
};

const defaultContainment: ContainmentSettings = { holdIntervalMs: 10_000, targetMs: 5_000, ruleMs: 60_000 };

const defaultPolicy: readonly PolicyRule[] = [
  { signal: undefined, severity: "critical", agent: undefined, tier: "auto-contain", source: "default policy" },
  { signal: undefined, severity: "warning", agent: undefined, tier: "alert-human", source: "default policy" },
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the YAML text; undefined gives the defaults. `env` is where `keys` may point to, `path` names the file in messages.
 * Throws `config-invalid` whose `detail.mistakes` names every mistake with its line, and holds no value.
 */
export function readSettings(yamlText: string | undefined, env: Environment, path = "settings"): Settings {
  const mistakes: string[] = [];
  const read = readYaml(yamlText ?? "", settingsSchema, mistakes);
  const settings = read && assemble(read.value, read.lineOf, env, mistakes);
  if (settings !== undefined && mistakes.length === 0) return settings;
  const located = mistakes.map((mistake) => `${path} ${mistake}`);
  throw new TourniquetError("config-invalid", `The settings have mistakes:\n  ${located.join("\n  ")}`, {
    mistakes: located,
  });
}

/** The thresholds that hold for this agent. */
export function thresholdsFor(settings: Settings, agentId: string): Thresholds {
  return settings.agentThresholds.get(agentId) ?? settings.thresholds;
}

function assemble(document: SettingsDocument, lineOf: LineOf, env: Environment, mistakes: string[]): Settings {
  const thresholds = withOverrides(defaultThresholds, document.thresholds ?? {});
  const overrides = Object.entries(document.thresholds?.agents ?? {});
  const settings: Settings = {
    fleet: {
      agents: (document.fleet?.agents ?? []).map((agent) => ({
        wallet: undefined,
        pinnedPublicKey: undefined,
        caps: undefined,
        ...agent,
      })),
    },
    keys: readKeys(document, lineOf, env, mistakes),
    thresholds,
    agentThresholds: new Map(overrides.map(([id, own]) => [id, withOverrides(thresholds, own)])),
    policy: [...ownPolicy(document, lineOf), ...defaultPolicy],
    gateway: { ...defaultGateway, ...document.gateway },
    containment: { ...defaultContainment, ...document.containment },
  };
  for (const { path, message } of contradictions(settings)) mistakes.push(mistakeAt(lineOf(path), path, message));
  return settings;
}

function withOverrides(base: Thresholds, own: ThresholdOverrides): Thresholds {
  return {
    budgetExhaustionPct: own.budgetExhaustionPct ?? base.budgetExhaustionPct,
    budgetWarningPct: own.budgetWarningPct ?? base.budgetWarningPct,
    escrowBurst: { ...base.escrowBurst, ...own.escrowBurst },
    payeeConcentration: { ...base.payeeConcentration, ...own.payeeConcentration },
  };
}

function ownPolicy(document: SettingsDocument, lineOf: LineOf): PolicyRule[] {
  return (document.policy ?? []).map((rule, index) => ({
    signal: rule.signal,
    severity: rule.severity,
    agent: rule.agent,
    tier: rule.tier,
    source: `policy line ${lineOf(["policy", index])}`,
  }));
}

/** What no single value shows. */
function* contradictions(settings: Settings): Generator<{ path: (string | number)[]; message: string }> {
  const { gateway, containment } = settings;
  const ids = settings.fleet.agents.map(({ id }) => id);
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) < index) yield { path: ["fleet", "agents", index, "id"], message: "stands here a second time" };
  }
  const sets: [string[], Thresholds][] = [[["thresholds"], settings.thresholds]];
  for (const [id, own] of settings.agentThresholds) sets.push([["thresholds", "agents", id], own]);
  for (const [path, { budgetWarningPct, budgetExhaustionPct }] of sets) {
    if (budgetWarningPct >= budgetExhaustionPct)
      yield { path: [...path, "budgetWarningPct"], message: "must be below budgetExhaustionPct" };
  }
  if (gateway.inFlightBoundMs < gateway.deadlineMs)
    yield { path: ["gateway", "inFlightBoundMs"], message: "must not be below deadlineMs" };
  if (gateway.burst !== undefined && gateway.ratePerSecond === undefined)
    yield { path: ["gateway", "burst"], message: "needs ratePerSecond beside it" };
  if (containment.targetMs > containment.ruleMs)
    yield { path: ["containment", "targetMs"], message: "must not be above ruleMs" };
}

function readKeys(document: SettingsDocument, lineOf: LineOf, env: Environment, mistakes: string[]): Settings["keys"] {
  const read = (path: string[], source: KeySource): string | undefined => {
    const flaws: string[] = [];
    const key = source.env === undefined ? readSecretFile("", source.file!, flaws) : readSecret(source.env, env, flaws);
    if (key === undefined && flaws.length === 0) flaws.push(`names the variable ${source.env}, which is not set`);
    for (const flaw of flaws) mistakes.push(mistakeAt(lineOf(path), path, flaw.trim()));
    return key;
  };
  const { containment, agents } = document.keys ?? {};
  return {
    containment: containment && read(["keys", "containment"], containment),
    agents: new Map(
      Object.entries(agents ?? {}).map(([id, source]) => [id, read(["keys", "agents", id], source) ?? ""]),
    ),
  };
}
