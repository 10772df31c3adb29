import { hash } from "node:crypto";
import type { Channel } from "../incident/escalation.ts";
import type { Priority } from "../incident/incident.ts";
import type { Silence } from "../incident/silence.ts";
import { contradictions } from "./contradictions.ts";
import { keySources, readKeys } from "./keys.ts";
import type { Path } from "./salvage.ts";
import type { SettingsDocument } from "./schema.ts";
import type { Environment, FleetAgent, Known, PolicyRule, Settings } from "./settings.ts";
import { defaultThresholds, defined, withOverrides } from "./thresholds.ts";
import { type LineOf, mistakeAt, type YamlDocument } from "./yaml-document.ts";

const HOUR_MS = 3_600_000;

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
  agentControl: { deadlineMs: 5_000, restrictSimilar: ["tool", "prompt"], allowPrivateHosts: false },
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
  recovery: {
    rungs: [
      { afterMs: 0, percent: 50 },
      { afterMs: 6 * HOUR_MS, percent: 75 },
      { afterMs: 24 * HOUR_MS, percent: 100 },
    ],
    normalAfterMs: 48 * HOUR_MS,
    lookEveryMs: 30_000,
  },
  notify: { deadlineMs: 5_000, allowPrivateHosts: false },
  routes: {
    P0: ["pagerduty", "slack", "webhook"],
    P1: ["pagerduty", "slack", "webhook"],
    P2: ["slack", "webhook"],
    P3: [],
  },
  learn: { humanResponseMs: 27 * 60_000, owner: "on-call", tuning: "propose" },
} as const;

/** N2: so long without acknowledgement; whom, where the file does not say. */
const escalateAfterMs: Readonly<Partial<Record<Priority, number>>> = { P0: 5 * 60_000, P1: 15 * 60_000 };
const ESCALATE_TO: readonly Channel[] = ["pagerduty-secondary", "slack", "webhook"];

/** Mission P1; an error spike alone is answered by restricting the agent, as C7 says for medium severity. */
const defaultPolicy: readonly PolicyRule[] = [
  { signal: undefined, severity: "critical", agent: undefined, tier: "auto-contain", source: "default policy" },
  { signal: "error-spike", severity: "warning", agent: undefined, tier: "auto-contain", source: "default policy" },
  { signal: undefined, severity: "warning", agent: undefined, tier: "alert-human", source: "default policy" },
];

interface Around {
  env: Environment | null;
  known: Known | undefined;
  file: string | undefined;
  /** Milliseconds since 1970: how far ahead a silence ends. */
  now: number;
}

/** The whole settings: what the document says, and the defaults under it. Adds what no single value shows to the mistakes. */
export function assemble(
  { value: document, said, lineOf: lineIn, lines, flawed, place }: YamlDocument<SettingsDocument>,
  { env, known, file, now }: Around,
  mistakes: string[],
): Settings {
  const lineOf: LineOf = (path) => lineIn(place(path));
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
    silences: (document.silences ?? []).map(toSilence),
    cascade: { ...defaults.cascade, ...defined(document.cascade) },
    breaker: { ...defaults.breaker, ...defined(document.breaker) },
    watch: { ...defaults.watch, ...defined(document.watch) },
    agentControl: { ...defaults.agentControl, ...defined(document.agentControl) },
    gateway: { ...defaults.gateway, ...defined(document.gateway) },
    containment: { ...defaults.containment, ...defined(document.containment) },
    recovery: { ...defaults.recovery, ...defined(document.recovery) },
    notify: { ...defaults.notify, ...defined(document.notify), routes: routesOf(document) },
    escalation: escalationOf(document),
    learn: { ...defaults.learn, ...defined(document.learn) },
    origin: { file, lines, keys: keySources(document) },
  };
  const named = Object.keys((said as { runbooks?: object | null }).runbooks ?? {});
  for (const { path, message, of: compared } of contradictions(settings, { known, now, runbooks: named })) {
    // What is compared with a value that is missing because it was wrong is no mistake of its own.
    const isGuess = compared.some((one) => flawed.some((flaw) => meets(flaw, place(one))));
    if (!isGuess) mistakes.push(mistakeAt(lineOf(path), place(path), message));
  }
  return settings;
}

/** An agent of which a file says nothing but its id. */
const unsaid: Omit<FleetAgent, "id"> = {
  value: "high",
  wallet: undefined,
  tools: [],
  prompt: undefined,
  service: undefined,
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

function routesOf({ notify }: SettingsDocument): Settings["notify"]["routes"] {
  return { ...defaults.routes, ...defined(notify?.routes) };
}

/** A priority that the file names has what the file says of it; an empty list escalates to nobody. */
function escalationOf({ escalation }: SettingsDocument): Settings["escalation"] {
  const usual = Object.entries(escalateAfterMs).map(([priority, afterMs]) => [
    priority,
    [{ afterMs, to: ESCALATE_TO }],
  ]);
  const said = Object.entries(escalation ?? {}).map(([priority, levels]) => [
    priority,
    (levels ?? []).map(({ afterMs, to }) => ({ afterMs, to: to ?? ESCALATE_TO })),
  ]);
  return Object.fromEntries([...usual, ...said]);
}

/** The one is the other, or lies within it: a list that lost a line to a mistake is no list to compare with. */
function meets(flaw: Path, path: Path): boolean {
  const [shorter, longer] = flaw.length <= path.length ? [flaw, path] : [path, flaw];
  return shorter.every((part, index) => longer[index] === part);
}

/** The id is that of what it says, not of the line it stands on: what it held back is still its own after a reload. */
function toSilence(said: NonNullable<SettingsDocument["silences"]>[number]): Silence {
  const silence = {
    agent: undefined,
    signal: undefined,
    from: 0,
    holdsContainment: false,
    ...defined(said),
    owner: said.owner,
    reason: said.reason,
    until: said.until,
  };
  return { ...silence, id: `file-${hash("sha256", JSON.stringify(silence)).slice(0, 12)}` };
}
