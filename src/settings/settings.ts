import { TourniquetError } from "../errors.ts";
import type { Money } from "../incident/money.ts";
import type { Severity, SignalKind, Tier } from "../incident/signal.ts";
import type { Silence } from "../incident/silence.ts";
import { assemble } from "./assemble.ts";
import type { EscalationSettings, LearnSettings, NotifySettings, RecoverySettings } from "./people.ts";
import { settingsSchema } from "./schema.ts";
import type { Thresholds } from "./thresholds.ts";
import { readYaml } from "./yaml-document.ts";

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
  agentControl: AgentControlSettings;
  gateway: GatewaySettings;
  containment: ContainmentSettings;
  recovery: RecoverySettings;
  notify: NotifySettings;
  escalation: EscalationSettings;
  learn: LearnSettings;
  origin: Origin;
}

/** Where the settings come from, for whoever asks why they are as they are. */
export interface Origin {
  /** Undefined without a file: everything is a default. */
  file: string | undefined;
  /** Path of every value that the file says ("gateway.deadlineMs", "policy[0].tier") to its line; the rest are defaults. */
  lines: ReadonlyMap<string, number>;
  /** "containment", or an agent's id, to the variable or file its key was read from. */
  keys: ReadonlyMap<string, string>;
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
  /** The service it offers at the gateway, by its id there: rated neutrally once it has recovered (R4). */
  service: string | undefined;
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

export interface AgentControlSettings {
  deadlineMs: number;
  restrictSimilar: readonly ("tool" | "prompt" | "wallet")[];
  /** The platform that runs the agents is mostly in one's own network: then this must be said. */
  allowPrivateHosts: boolean;
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

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a settings file may name and only the rest of the product knows. */
export interface Known {
  runbooks: readonly string[];
}

/**
 * Reads the YAML text; undefined gives the defaults. `env` is where `keys` may point to (null: what they point to is not looked
 * at, since whoever wrote the text may not read it), `path` names the file in messages,
 * `now` (milliseconds since 1970) says how far ahead a silence ends.
 * Throws `config-invalid` whose `detail.mistakes` names every mistake with its line, and holds no value.
 */
export function readSettings(
  yamlText: string | undefined,
  env: Environment | null,
  path = "settings",
  known?: Known,
  now = Date.now(),
): Settings {
  const mistakes: string[] = [];
  const read = readYaml(yamlText ?? "", settingsSchema, mistakes);
  const settings =
    read && assemble(read, { env, known, now, file: yamlText === undefined ? undefined : path }, mistakes);
  if (settings !== undefined && mistakes.length === 0) return settings;
  const line = (mistake: string) => Number(/^line (\d+)/.exec(mistake)?.[1] ?? 0);
  const located = mistakes.sort((a, b) => line(a) - line(b)).map((mistake) => `${path} ${mistake}`);
  throw new TourniquetError("config-invalid", `The settings have mistakes:\n  ${located.join("\n  ")}`, {
    mistakes: located,
  });
}

/** The thresholds that hold for this agent. */
export function thresholdsFor(settings: Settings, agentId: string): Thresholds {
  return settings.agentThresholds.get(agentId) ?? settings.thresholds;
}

/** Whether what this runbook does is only decided and recorded (P5). */
export function isDryRun(settings: Pick<Settings, "mode" | "runbooks">, runbook: string): boolean {
  return settings.mode === "observe" || settings.runbooks.get(runbook)?.dryRun === true;
}

/** What the file says of this agent; undefined for one it does not name. */
export function fleetAgent(settings: Settings, agentId: string): FleetAgent | undefined {
  return settings.fleet.agents.find(({ id }) => id === agentId);
}
