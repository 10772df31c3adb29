import type { IncidentView } from "../../incident/incident.ts";
import { money } from "../../incident/money.ts";
import type { Signal } from "../../incident/signal.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { type Deeds, deedReasons, deedsOf, falseFreezesOf, freezesOf } from "./deeds.ts";
import type { DrillFacts } from "./facts.ts";
import { type DrillMoney, moneyOf } from "./money.ts";

/** What one drill came to. Amounts are decimal strings, times milliseconds. */
export interface DrillScore extends Omit<DrillMoney, "takenWrongly">, Deeds {
  drill: string;
  /** The signal it is about; null for a benign trace. */
  expects: string | null;
  detected: "yes" | "no" | "none expected";
  /** Of the incidents that contained somebody: the one that opened each, then whatever joined. */
  signals: readonly string[];
  /** In a sentence, why each incident was opened, and what would have opened one had it come in time. */
  because: readonly string[];
  /** What a person was told of and nobody was contained for. */
  alerts: readonly string[];
  /** From the arrival of what gave it away, by webhook or by poll, to the freeze known to hold; of several agents the slowest. */
  timeToFreezeMs: number | null;
  /** Agents that something was done to and that should have been left alone, or left with more. */
  falseFreezes: readonly string[];
  /** How often a freeze was lifted or got round, and put back. */
  breaches: number;
  verdict: "passed" | "failed";
  /** Everything that is not as the scenario says it must be. */
  reasons: readonly string[];
}

/** responder: the key by which the gateway knows our hand from the agents' own. */
export function scoreDrill(scenario: Scenario, facts: DrillFacts, responder: string): DrillScore {
  const { expected } = scenario;
  const frozenAt = freezesOf(facts.effects, responder);
  const { takenWrongly, ...flow } = moneyOf(scenario, facts, frozenAt, responder);
  const done = deedsOf(scenario, facts.effects, responder);
  const caught = [...new Set([...(expected.frozen ?? []), ...(expected.halved ?? []), ...(expected.stopped ?? [])])];
  const incidents = facts.incidents.filter(({ agentId }) => caught.includes(agentId));
  const falseFreezes = falseFreezesOf(scenario, facts, done, responder);
  const reasons = [
    ...signalReasons(scenario, caught, incidents),
    ...cascadeReasons(scenario, facts),
    ...deedReasons(scenario, facts.effects, done),
    ...falseFreezes.map((agentId) => `${agentId} should have been left alone`),
    ...moneyReasons(scenario, flow, takenWrongly, facts.doubleRefunds),
    ...intakeReasons(scenario, facts),
  ];
  const signals = [...new Set(facts.incidents.flatMap(signalKindsOf))];
  const isHeard = expected.signal !== null && signals.includes(expected.signal);
  return {
    drill: scenario.name,
    expects: expected.signal,
    detected: expected.signal === null ? "none expected" : isHeard ? "yes" : "no",
    signals,
    because: [...facts.incidents.flatMap((one) => signalsOf(one)[0]?.why.sentence ?? []), ...missedBy(facts)],
    alerts: facts.verdicts
      .filter(({ tier }) => tier === "alert-human")
      .map(({ signal }) => `${signal.kind} of ${signal.agentId}: ${signal.why.sentence}`),
    timeToFreezeMs: slowest(incidents),
    ...flow,
    ...done,
    falseFreezes,
    breaches: incidents.reduce((total, { reassertions }) => total + reassertions, 0),
    verdict: reasons.length === 0 ? "passed" : "failed",
    reasons,
  };
}

/** Called for containment, and opened or joined nothing. */
function missedBy({ verdicts }: DrillFacts): string[] {
  return verdicts
    .filter(({ tier, incidentId }) => incidentId === null && tier !== null && tier !== "alert-human")
    .map(({ signal }) => signal.why.sentence);
}

/** The signal that opened it comes first; then the others by their time. */
function signalsOf({ signals, timeline }: IncidentView): readonly Signal[] {
  const first = timeline.find(({ what }) => what === "incident-opened")?.detail.signal;
  return [...signals].sort((a, b) => Number(b.id === first) - Number(a.id === first));
}

const signalKindsOf = (incident: IncidentView): string[] => [...new Set(signalsOf(incident).map(({ kind }) => kind))];

function signalReasons(
  { expected }: Scenario,
  caught: readonly string[],
  incidents: readonly IncidentView[],
): string[] {
  const { signal, isSingleCause } = expected;
  if (signal === null) return [];
  return caught.flatMap((agentId) => {
    const [incident, ...more] = incidents.filter((one) => one.agentId === agentId);
    if (!incident) return [`no incident of ${agentId}`];
    const kinds = signalKindsOf(incident);
    const isRight = isSingleCause ? kinds[0] === signal : kinds.includes(signal);
    return [
      ...(isRight ? [] : [`${agentId} was contained by ${kinds.join(", ")}, not by ${signal}`]),
      ...(incident.status === "contained" ? [] : [`${agentId} is ${incident.status}, not contained`]),
      ...(expected.isBreached && incident.reassertions === 0 ? [`nobody noticed that ${agentId} got round it`] : []),
      ...(more.length > 0 ? [`${agentId} has ${more.length + 1} incidents`] : []),
    ];
  });
}

function cascadeReasons({ expected }: Scenario, { cascades }: DrillFacts): string[] {
  const { rootCause, frozen = [] } = expected;
  if (rootCause === undefined) return [];
  const [cascade, ...more] = cascades;
  if (!cascade) return ["no cascade was seen"];
  const missing = frozen.filter((id) => !cascade.members.some(({ agentId }) => agentId === id));
  const { agentId, why } = cascade.rootCause;
  return [
    ...(more.length > 0 ? [`${more.length + 1} cascades were made of one`] : []),
    ...missing.map((id) => `${id} is not in the cascade`),
    ...(agentId === rootCause ? [] : [`it began with ${rootCause}, not with ${agentId}: ${why}`]),
  ];
}

function moneyReasons(
  { expected }: Scenario,
  { lost, recovered }: DrillMoney | Omit<DrillMoney, "takenWrongly">,
  takenWrongly: readonly string[],
  doubleRefunds: readonly string[],
): string[] {
  const { atLeast, atMost } = expected.lost ?? { atLeast: "0.00", atMost: "0.00" };
  return [
    ...(money(lost) > money(atMost) ? [`${lost} lost, at most ${atMost} may be`] : []),
    ...(money(lost) < money(atLeast)
      ? [`only ${lost} lost: the scenario must cost ${atLeast}, or it shows nothing`]
      : []),
    ...((expected.comesBack?.length ?? 0) > 0 && money(recovered) === 0n ? ["nothing came back"] : []),
    ...doubleRefunds.map((id) => `${id} was refunded twice`),
    ...takenWrongly.map((id) => `${id} was taken back although nothing asked for it`),
  ];
}

/** Silence counts only where everything was heard and decided. */
function intakeReasons({ expected }: Scenario, { intake }: DrillFacts): string[] {
  return [
    ...(intake.accepted === 0 ? ["no event arrived"] : []),
    ...(intake.pending > 0 ? [`${intake.pending} events are not decided`] : []),
    ...(expected.signal === null && intake.dispositions.stale > 0
      ? [`${intake.dispositions.stale} events would have contained somebody, had they come in time`]
      : []),
  ];
}

function slowest(incidents: readonly IncidentView[]): number | null {
  const times = incidents.flatMap(({ effectiveAt, receivedAt }) =>
    effectiveAt === null ? [] : [effectiveAt - receivedAt],
  );
  return times.length === 0 ? null : Math.max(...times);
}
