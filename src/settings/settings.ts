import { TourniquetError } from "../errors.ts";
import type { Money } from "../incident/money.ts";
import type { Severity, SignalKind, Tier } from "../incident/signal.ts";
import { contradictions } from "./contradictions.ts";
import { readKeys } from "./keys.ts";
import { type SettingsDocument, settingsSchema } from "./schema.ts";
import { defaultThresholds, defined, type Thresholds, withOverrides } from "./thresholds.ts";
import { type LineOf, mistakeAt, readYaml } from "./yaml-document.ts";

/** What one YAML file says about a fleet; docs/tourniquet.example.yaml shows all of it. Without a file: the defaults. */
export interface Settings {
  /** observe (P5): everything is decided and recorded, nothing is done to the gateway or to an agent. */
  mode: "act" | "observe";
  fleet: FleetSettings;
  /** Key values, already read from where the file points. Undefined and empty: GREENHELIX_API_KEY serves for all. */
  keys: { containment: string | undefined; agents: ReadonlyMap<string, string> };
  thresholds: Thresholds;
  /** Whole threshold sets of agents that have overrides; ask with `thresholdsFor`. */
  agentThresholds: ReadonlyMap<string, Thresholds>;
  /** The file's rules, then the default table; the first that matches decides. A signal that none matches is only logged. */
  policy: readonly PolicyRule[];
  /** P5, per runbook by its name. */
  runbooks: ReadonlyMap<string, { dryRun: boolean }>;
  /** P6, those of the file; others are made while it runs. */
  silences: readonly Silence[];
  /** RB5: so many agents signalling within this time. */
  cascade: { agents: number; windowMs: number };
  /** P3: failures until it opens, how long it stays open, and when a probe that says nothing is given up. */
  breaker: { failures: number; openMs: number; probeMs: number };
  watch: WatchSettings;
  /** C7, C8: what agents must have in common with one that was breached to be restricted. */
  agentControl: { deadlineMs: number; restrictSimilar: readonly ("tool" | "prompt" | "wallet")[] };
  gateway: GatewaySettings;
  containment: ContainmentSettings;
}

export interface FleetSettings {
  agents: readonly FleetAgent[];
  /** P4: what follows when policy says full-shutdown. */
  shutdown: "approve" | "auto" | "off";
  /**
   * P4: how many agents automation may freeze per hour without a critical signal of their own: this share of the fleet, and
   * at least so many.
   */
  automaticFreezes: { share: number; atLeast: number };
}

export interface FleetAgent {
  id: string;
  /** How often it is polled (I7). */
  value: "high" | "low";
  /** Agents naming the same wallet run dry together. */
  wallet: string | undefined;
  /** What else agents share that can be at fault (C8). */
  tools: readonly string[];
  prompt: string | undefined;
  /** Hex, as the gateway shows it. */
  pinnedPublicKey: string | undefined;
  /** D2: 0..1; undefined: the first score that was seen. */
  reputationBaseline: number | undefined;
  /** The caps of normal days: what a freeze restores if the caps could not be read. null: uncapped. */
  caps: { daily: Money | null; monthly: Money | null; alertThreshold: number } | undefined;
}

export interface PolicyRule {
  signal: SignalKind | undefined;
  severity: Severity | undefined;
  agent: string | undefined;
  tier: Tier;
  /** For the reason of a decision: "policy line 31" or "default policy". */
  source: string;
}

/** P6. Times in milliseconds since 1970; undefined agent or signal: any. */
export interface Silence {
  id: string;
  owner: string;
  reason: string;
  from: number;
  until: number;
  agent: string | undefined;
  signal: SignalKind | undefined;
  /** Only with this does it hold back containment, and then of critical signals too. */
  holdsContainment: boolean;
}

/** I7, I8. */
export interface WatchSettings {
  highValueEveryMs: number;
  lowValueEveryMs: number;
  /** How many agents are polled that no file names but events told of, those heard of last first. */
  seenAgents: number;
  /** How long a webhook may take before the poller calls it missing. */
  webhookGraceMs: number;
  pingEveryMs: number;
  heartbeatEveryMs: number;
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
  /** What the key's tier allows; undefined: not known, or without limit (an admin key). */
  callsPerHour: number | undefined;
  /** The share of it that polling leaves to freezes and cancels (I7). */
  reserveShare: number;
  allowPrivateHosts: boolean;
}

export interface ContainmentSettings {
  holdIntervalMs: number;
  targetMs: number;
  ruleMs: number;
}

const defaults = {
  cascade: { agents: 2, windowMs: 300_000 },
  breaker: { failures: 5, openMs: 300_000, probeMs: 60_000 },
  watch: {
    highValueEveryMs: 30_000,
    lowValueEveryMs: 300_000,
    seenAgents: 100,
    webhookGraceMs: 60_000,
    pingEveryMs: 3_600_000,
    heartbeatEveryMs: 60_000,
  },
  agentControl: { deadlineMs: 5_000, restrictSimilar: ["tool", "prompt"] },
  automaticFreezes: { share: 0.5, atLeast: 10 },
  gateway: {
    deadlineMs: 5_000,
    inFlightBoundMs: 35_000,
    concurrency: 320,
    ratePerSecond: undefined,
    burst: undefined,
    callsPerHour: undefined,
    reserveShare: 0.5,
    allowPrivateHosts: false,
  },
  containment: { holdIntervalMs: 10_000, targetMs: 5_000, ruleMs: 60_000 },
} as const;

/** Mission P1; an error spike alone is answered by restricting the agent, as C7 says for medium severity. */
const defaultPolicy: readonly PolicyRule[] = [
  { signal: undefined, severity: "critical", agent: undefined, tier: "auto-contain", source: "default policy" },
  { signal: "error-spike", severity: "warning", agent: undefined, tier: "auto-contain", source: "default policy" },
  { signal: undefined, severity: "warning", agent: undefined, tier: "alert-human", source: "default policy" },
];

export type Environment = Readonly<Record<string, string | undefined>>;

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

/** What the file says of this agent; undefined for one it does not name. */
export function fleetAgent(settings: Settings, agentId: string): FleetAgent | undefined {
  return settings.fleet.agents.find(({ id }) => id === agentId);
}

function assemble(document: SettingsDocument, lineOf: LineOf, env: Environment, mistakes: string[]): Settings {
  const thresholds = withOverrides(defaultThresholds, document.thresholds ?? {});
  const overrides = Object.entries(document.thresholds?.agents ?? {});
  const settings: Settings = {
    mode: document.mode ?? "act",
    fleet: {
      agents: (document.fleet?.agents ?? []).map((agent) => ({ ...unsaid, ...defined(agent), id: agent.id })),
      shutdown: document.fleet?.shutdown ?? "approve",
      automaticFreezes: { ...defaults.automaticFreezes, ...defined(document.fleet?.automaticFreezes) },
    },
    keys: readKeys(document, lineOf, env, mistakes),
    thresholds,
    agentThresholds: new Map(overrides.map(([id, own]) => [id, withOverrides(thresholds, own)])),
    policy: [...ownPolicy(document, lineOf), ...defaultPolicy],
    runbooks: new Map(
      Object.entries(document.runbooks ?? {}).map(([name, said]) => [name, { dryRun: said?.dryRun ?? false }]),
    ),
    silences: (document.silences ?? []).map((silence, index) => ({
      agent: undefined,
      signal: undefined,
      from: 0,
      holdsContainment: false,
      ...defined(silence),
      owner: silence.owner,
      reason: silence.reason,
      until: silence.until,
      id: `settings line ${lineOf(["silences", index])}`,
    })),
    cascade: { ...defaults.cascade, ...defined(document.cascade) },
    breaker: { ...defaults.breaker, ...defined(document.breaker) },
    watch: { ...defaults.watch, ...defined(document.watch) },
    agentControl: { ...defaults.agentControl, ...defined(document.agentControl) },
    gateway: { ...defaults.gateway, ...defined(document.gateway) },
    containment: { ...defaults.containment, ...defined(document.containment) },
  };
  for (const { path, message } of contradictions(settings)) mistakes.push(mistakeAt(lineOf(path), path, message));
  return settings;
}

/** An agent of which a file says nothing but its id. */
const unsaid: Omit<FleetAgent, "id"> = {
  value: "high",
  wallet: undefined,
  tools: [],
  prompt: undefined,
  pinnedPublicKey: undefined,
  reputationBaseline: undefined,
  caps: undefined,
};

function ownPolicy(document: SettingsDocument, lineOf: LineOf): PolicyRule[] {
  return (document.policy ?? []).map((rule, index) => ({
    signal: rule.signal,
    severity: rule.severity,
    agent: rule.agent,
    tier: rule.tier,
    source: `policy line ${lineOf(["policy", index])}`,
  }));
}
