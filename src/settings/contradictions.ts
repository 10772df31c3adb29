import { LONGEST_SILENCE_MS } from "../incident/silence.ts";
import type { Path } from "./salvage.ts";
import type { Known, Settings } from "./settings.ts";
import type { Thresholds } from "./thresholds.ts";

interface Contradiction {
  path: Path;
  message: string;
  /** The values that were compared: where one of them was wrong itself, this says nothing. */
  of: readonly Path[];
}

interface Beside {
  /** Undefined: names of runbooks are not checked. */
  known: Known | undefined;
  /** Names that stand under `runbooks`, whatever is said of them. */
  runbooks: readonly string[];
  now: number;
}

/** What no single value shows. */
export function* contradictions(settings: Settings, { known, runbooks, now }: Beside): Generator<Contradiction> {
  const ids = settings.fleet.agents.map(({ id }) => id);
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) < index)
      yield { path: ["fleet", "agents", index, "id"], message: "stands here a second time", of: [] };
  yield* ofThresholds(settings);
  yield* ofSections(settings);
  yield* ofRamp(settings);
  yield* ofEscalation(settings);
  for (const name of runbooks)
    if (known && !known.runbooks.includes(name))
      yield {
        path: ["runbooks", name],
        message: `is no runbook; known are: ${known.runbooks.join(", ")}`,
        of: [],
      };
  for (const [index, { from, until }] of settings.silences.entries()) {
    const message = mistakeOfTime(from, until, now);
    if (message) yield { path: ["silences", index, "until"], message, of: [["silences", index, "from"]] };
  }
}

/** P6, as over the API. from: 0 means at once. */
function mistakeOfTime(from: number, until: number, now: number): string | undefined {
  if (from >= until) return "must be later than from";
  if (from > 0) return until - from > LONGEST_SILENCE_MS ? "must be at most 30 days after from" : undefined;
  return until - now > LONGEST_SILENCE_MS ? "must be at most 30 days ahead; say from if it begins later" : undefined;
}

function* ofSections({ gateway, containment, watch }: Settings): Generator<Contradiction> {
  const within = (section: string, name: string, message: string, other: string): Contradiction => ({
    ...{
      path: [section, name],
      message,
      of: [
        [section, name],
        [section, other],
      ],
    },
  });
  if (gateway.inFlightBoundMs < gateway.deadlineMs)
    yield within("gateway", "inFlightBoundMs", "must not be below deadlineMs", "deadlineMs");
  if (gateway.burst !== undefined && gateway.ratePerSecond === undefined)
    yield within("gateway", "burst", "needs ratePerSecond beside it", "ratePerSecond");
  if (containment.targetMs > containment.ruleMs)
    yield within("containment", "targetMs", "must not be above ruleMs", "ruleMs");
  if (watch.highValueEveryMs > watch.lowValueEveryMs)
    yield within("watch", "highValueEveryMs", "must not be above lowValueEveryMs", "lowValueEveryMs");
}

/** R2: a ramp that goes up, ends whole, and is over before watching is. */
function* ofRamp({ recovery: { rungs, normalAfterMs } }: Settings): Generator<Contradiction> {
  const at = (...path: Path): Path => ["recovery", ...path];
  const wrong = (path: Path, message: string): Contradiction => ({ path, message, of: [at("rungs")] });
  if (rungs.length === 0) return yield wrong(at("rungs"), "must have at least one rung");
  if (rungs[0]?.afterMs !== 0) yield wrong(at("rungs", 0, "afterMs"), "must be 0: the first rung is taken at once");
  if (rungs.at(-1)?.percent !== 100)
    yield wrong(at("rungs", rungs.length - 1, "percent"), "must be 100: the last rung restores what was before");
  for (const [index, rung] of rungs.entries()) {
    const before = rungs[index - 1];
    if (before && rung.afterMs <= before.afterMs)
      yield wrong(at("rungs", index, "afterMs"), "must be later than the rung before");
    if (before && rung.percent <= before.percent)
      yield wrong(at("rungs", index, "percent"), "must be more than the rung before");
  }
  if (normalAfterMs < (rungs.at(-1)?.afterMs ?? 0))
    yield { ...wrong(at("normalAfterMs"), "must not be before the last rung"), of: [at("rungs"), at("normalAfterMs")] };
}

/** N2: levels one after the other. */
function* ofEscalation({ escalation }: Settings): Generator<Contradiction> {
  for (const [priority, levels] of Object.entries(escalation))
    for (const [index, { afterMs }] of (levels ?? []).entries())
      if (afterMs <= (levels?.[index - 1]?.afterMs ?? 0))
        yield {
          path: ["escalation", priority, index, "afterMs"],
          message: "must be later than the level before",
          of: [["escalation", priority]],
        };
}

/** Pairs that must rise: the warning before what is critical. */
const rising: readonly { lower: Path; upper: Path; of: (thresholds: Thresholds) => readonly [number, number] }[] = [
  {
    lower: ["budgetWarningPct"],
    upper: ["budgetExhaustionPct"],
    of: (own) => [own.budgetWarningPct, own.budgetExhaustionPct],
  },
  {
    lower: ["reputation", "warningDelta"],
    upper: ["reputation", "criticalDelta"],
    of: ({ reputation }) => [reputation.warningDelta, reputation.criticalDelta],
  },
  {
    lower: ["reputation", "warningDropPct"],
    upper: ["reputation", "criticalDropPct"],
    of: ({ reputation }) => [reputation.warningDropPct, reputation.criticalDropPct],
  },
];

/** No warning at or above what is critical. */
export function risesEverywhere(thresholds: Thresholds): boolean {
  return rising.every(({ of }) => {
    const [warning, critical] = of(thresholds);
    return warning < critical;
  });
}

/** An agent that has the fleet's own pair is not told of it again. */
function* ofThresholds({ thresholds, agentThresholds }: Settings): Generator<Contradiction> {
  const fleet: Path = ["thresholds"];
  for (const { lower, upper, of } of rising) {
    const message = `must be below ${String(upper.at(-1))}`;
    const [warning, critical] = of(thresholds);
    if (warning >= critical)
      yield { path: [...fleet, ...lower], message, of: [lower, upper].map((pair) => [...fleet, ...pair]) };
    for (const [id, own] of agentThresholds) {
      const [ownWarning, ownCritical] = of(own);
      const agent: Path = ["thresholds", "agents", id];
      const compared = [agent, fleet].flatMap((path) => [
        [...path, ...lower],
        [...path, ...upper],
      ]);
      if (ownWarning >= ownCritical && (ownWarning !== warning || ownCritical !== critical))
        yield { path: [...agent, ...lower], message, of: compared };
    }
  }
}
