import { type Severity, type SignalKind, signalKinds } from "../incident/signal.ts";
import { LONGEST_SILENCE_MS } from "../incident/silence.ts";
import { ANY_AGENT, lineFor, lineText, severities, unreachable } from "./policy-lines.ts";
import { flat, presentSettings } from "./present.ts";
import { readSettings, type Settings } from "./settings.ts";

/** line: in the settings file; null where it is about none in particular. */
export interface Warning {
  line: number | null;
  message: string;
}

export interface Difference {
  path: string;
  value: string;
  fallback: string | null;
  line: number | null;
}

/** What is allowed and probably not meant. now: milliseconds since 1970, to tell which silences are over. */
export function warningsOf(settings: Settings, now: number): Warning[] {
  const shadowed = unreachable(settings.policy).map((rule) => ({
    line: Number(/\d+$/.exec(rule.source)?.[0] ?? 0) || null,
    message: `${lineText(rule)} never decides: lines before it answer all that it is about`,
  }));
  const silences = settings.silences.flatMap(({ until, owner, holdsContainment }, index) => {
    const line = lineOf(settings, `silences[${index}]`);
    const about = (what: string) => ({ line, message: `the silence of ${owner} ${what}` });
    if (until <= now) return [about("is over and can go")];
    return [
      ...(until - now > LONGEST_SILENCE_MS ? [about("ends more than 30 days ahead")] : []),
      ...(holdsContainment ? [about("holds back containment: critical signals go unanswered")] : []),
    ];
  });
  return [...shadowed, ...uncontained(settings), ...silences, ...strangers(settings)].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0),
  );
}

/** P1: that every critical signal is only told of is what a first line too wide makes of a policy. */
function uncontained({ policy }: Settings): Warning[] {
  const deciding = signalKinds.map((kind) => lineFor(policy, { kind, severity: "critical", agentId: ANY_AGENT }));
  if (deciding.some((rule) => rule !== undefined && rule.tier !== "alert-human")) return [];
  const [first] = deciding.flatMap((rule) => Number(/\d+$/.exec(rule?.source ?? "")?.[0] ?? 0) || []);
  const message = "no critical signal contains an agent any more: policy answers each of them with alert-human";
  return [{ line: first ?? null, message }];
}

/** Agents that the file names somewhere and its fleet does not: a misspelt id protects nobody. */
function strangers({ fleet, agentThresholds, policy, silences, keys, origin }: Settings): Warning[] {
  const own = policy.filter(({ source }) => source.startsWith("policy line"));
  const named: [path: string, agent: string | undefined][] = [
    ...[...agentThresholds.keys()].map((id): [string, string] => [`thresholds.agents.${id}`, id]),
    ...own.map(({ agent }, index): [string, string | undefined] => [`policy[${index}].agent`, agent]),
    ...silences.map(({ agent }, index): [string, string | undefined] => [`silences[${index}].agent`, agent]),
  ];
  const underKeys = [...keys.agents.keys()].filter((id) => !fleet.agents.some((agent) => agent.id === id));
  const misspelt = named.flatMap(([path, agent]) => {
    if (agent === undefined || fleet.agents.some(({ id }) => id === agent)) return [];
    return [{ line: lineOf({ origin }, path), message: `${path} names ${agent}, which is no agent of the fleet` }];
  });
  // Not repeated: it may be a key that was pasted where an agent's id belongs.
  const keyless = underKeys.map((id) => ({
    line: lineOf({ origin }, `keys.agents.${id}`),
    message: "keys.agents has a key for what is no agent of the fleet",
  }));
  return [...misspelt, ...keyless];
}

/** What the file says and would be otherwise without it. Policy is not among it: it is shown whole. */
export function differencesFromDefaults(settings: Settings): Difference[] {
  const defaults = flat(presentSettings(withoutFile()));
  return [...flat(presentSettings(settings))]
    .map(([path, value]) => ({ path, value, fallback: fallbackOf(defaults, path), line: lineOf(settings, path) }))
    .filter(({ path, value, fallback, line }) => line !== null && fallback !== value && !path.startsWith("policy["));
}

/** Null where there is none. Of a list of sections that the file leaves empty: what stands in it otherwise, in one line. */
function fallbackOf(defaults: ReadonlyMap<string, string>, path: string): string | null {
  const own = defaults.get(path);
  if (own !== undefined) return own;
  const within = [...defaults].filter(([at]) => at.startsWith(`${path}[`));
  return within.length === 0 ? null : within.map(([at, value]) => `${at.slice(path.length)}: ${value}`).join(", ");
}

function withoutFile(): Settings {
  return readSettings(undefined, {});
}

/** The line of policy that answers each signal, for agents that no line names; null: none, it is only recorded. */
export function answers({ policy }: Settings): { signal: SignalKind; by: Record<Severity, string | null> }[] {
  const answer = (kind: SignalKind, severity: Severity) => {
    const line = lineFor(policy, { kind, severity, agentId: ANY_AGENT });
    return line ? `${line.tier} (${line.source})` : null;
  };
  return signalKinds.map((signal) => ({
    signal,
    by: Object.fromEntries(severities.map((severity) => [severity, answer(signal, severity)])) as Record<
      Severity,
      string | null
    >,
  }));
}

/** Of the path, or of the first line of what lies under it. */
function lineOf({ origin: { lines } }: Pick<Settings, "origin">, path: string): number | null {
  const under = [...lines].filter(([at]) => at === path || at.startsWith(`${path}.`) || at.startsWith(`${path}[`));
  return under.length === 0 ? null : Math.min(...under.map(([, line]) => line));
}
