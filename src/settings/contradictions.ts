import { LONGEST_SILENCE_MS } from "../incident/silence.ts";
import type { Known, Settings } from "./settings.ts";
import type { Thresholds } from "./thresholds.ts";

interface Contradiction {
  path: (string | number)[];
  message: string;
}

/** What no single value shows. `known`: left out, names of runbooks are not checked. */
export function* contradictions(settings: Settings, known?: Known): Generator<Contradiction> {
  const { gateway, containment, watch } = settings;
  const ids = settings.fleet.agents.map(({ id }) => id);
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) < index) yield { path: ["fleet", "agents", index, "id"], message: "stands here a second time" };
  }
  yield* ofThresholds(["thresholds"], settings.thresholds);
  for (const [id, own] of settings.agentThresholds) yield* ofThresholds(["thresholds", "agents", id], own);
  if (gateway.inFlightBoundMs < gateway.deadlineMs)
    yield { path: ["gateway", "inFlightBoundMs"], message: "must not be below deadlineMs" };
  if (gateway.burst !== undefined && gateway.ratePerSecond === undefined)
    yield { path: ["gateway", "burst"], message: "needs ratePerSecond beside it" };
  if (containment.targetMs > containment.ruleMs)
    yield { path: ["containment", "targetMs"], message: "must not be above ruleMs" };
  if (watch.highValueEveryMs > watch.lowValueEveryMs)
    yield { path: ["watch", "highValueEveryMs"], message: "must not be above lowValueEveryMs" };
  for (const name of settings.runbooks.keys())
    if (known && !known.runbooks.includes(name))
      yield { path: ["runbooks", name], message: `is no runbook; known are: ${known.runbooks.join(", ")}` };
  for (const [index, { from, until }] of settings.silences.entries()) {
    if (from >= until) yield { path: ["silences", index, "until"], message: "must be later than from" };
    else if (from > 0 && until - from > LONGEST_SILENCE_MS)
      yield { path: ["silences", index, "until"], message: "must be at most 30 days after from" };
  }
}

function* ofThresholds(path: string[], { reputation, ...own }: Thresholds): Generator<Contradiction> {
  if (own.budgetWarningPct >= own.budgetExhaustionPct)
    yield { path: [...path, "budgetWarningPct"], message: "must be below budgetExhaustionPct" };
  if (reputation.warningDelta >= reputation.criticalDelta)
    yield { path: [...path, "reputation", "warningDelta"], message: "must be below criticalDelta" };
  if (reputation.warningDropPct >= reputation.criticalDropPct)
    yield { path: [...path, "reputation", "warningDropPct"], message: "must be below criticalDropPct" };
}
