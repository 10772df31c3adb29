import { money } from "../../incident/money.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import type { DrillFacts, Effect } from "./facts.ts";

/** What we have done to whom, as the gateway and the platform of the agents tell it. */
export interface Deeds {
  /** Agents whose caps we set to 0. */
  frozen: readonly string[];
  /** Agents whose daily cap we left at half of what it was. */
  halved: readonly string[];
  /** No tools, no network, paused. */
  stopped: readonly string[];
  /** Tools that only read, and nothing else taken away. */
  restricted: readonly string[];
}

/** responder: the key by which the gateway knows our hand from the agents' own. */
export function deedsOf(scenario: Scenario, effects: readonly Effect[], responder: string): Deeds {
  const reins = reinsOf(effects);
  const held = (isSo: (reins: Reins) => boolean) =>
    [...reins].filter(([, one]) => isSo(one)).map(([agentId]) => agentId);
  return {
    frozen: [...freezesOf(effects, responder).keys()],
    halved: halvedOf(scenario, effects, responder),
    stopped: held(({ tools, isolated, paused }) => tools === "none" && isolated === true && paused === true),
    restricted: held(({ tools, isolated, paused }) => tools === "read-only" && !isolated && !paused),
  };
}

/** When each agent was frozen by us for the first time, as the number of that effect. */
export function freezesOf(effects: readonly Effect[], responder: string): Map<string, number> {
  const frozen = effects.filter((effect) => effect.actor === responder && isZero(effect));
  return new Map(frozen.reverse().map(({ agentId = "", seq }) => [agentId, seq]));
}

/** What is not as the scenario says it must be. */
export function deedReasons({ expected }: Scenario, effects: readonly Effect[], done: Deeds): string[] {
  const missing = (what: keyof Deeds) =>
    (expected[what] ?? []).filter((id) => !done[what].includes(id)).map((id) => `${id} was not ${what}`);
  const loose = (expected.frozen ?? []).filter((id) => {
    const last = lastCaps(effects, id);
    return done.frozen.includes(id) && last !== undefined && !isZero(last);
  });
  return [
    ...(["frozen", "halved", "stopped", "restricted"] as const).flatMap(missing),
    ...loose.map((id) => `${id} is not frozen any more`),
  ];
}

/** Whoever we froze, halved, held back, took escrows from or opened an incident about, and the scenario does not say so. */
export function falseFreezesOf({ expected }: Scenario, facts: DrillFacts, done: Deeds, responder: string): string[] {
  const { frozen = [], halved = [], stopped = [], restricted = [] } = expected;
  const withIncident = [...frozen, ...halved, ...stopped];
  const touched = facts.effects
    .filter(({ actor, effect }) => actor === responder && /^(budget|wallet|escrow)\./.test(effect))
    .map(({ agentId = "" }) => agentId);
  const accused = facts.incidents.filter(({ dryRun }) => !dryRun).map(({ agentId }) => agentId);
  const heldBack = facts.effects
    .filter(({ effect }) => effect.startsWith("control."))
    .map(({ agentId = "" }) => agentId);
  return [
    ...new Set([
      ...[...touched, ...accused].filter((id) => !withIncident.includes(id)),
      ...heldBack.filter((id) => ![...stopped, ...restricted].includes(id)),
      ...done.frozen.filter((id) => !frozen.includes(id)),
      ...done.stopped.filter((id) => !stopped.includes(id)),
    ]),
  ];
}

const isZero = ({ effect, caps }: Effect): boolean =>
  effect === "budget.set" && caps?.daily === "0.00" && caps.monthly === "0.00";

const lastCaps = (effects: readonly Effect[], agentId: string): Effect | undefined =>
  effects.findLast((effect) => effect.effect === "budget.set" && effect.agentId === agentId);

function halvedOf({ agents }: Scenario, effects: readonly Effect[], responder: string): string[] {
  const isHalf = ({ agentId, dailyCap }: Scenario["agents"][number]) => {
    const last = lastCaps(effects, agentId);
    const left = last?.actor === responder ? last.caps?.daily : null;
    return dailyCap !== null && left != null && money(left) * 2n === money(dailyCap);
  };
  return agents.filter(isHalf).map(({ agentId }) => agentId);
}

interface Reins {
  tools?: string;
  isolated?: boolean;
  paused?: boolean;
}

/** Every change is absolute, so the last of each kind stands. */
function reinsOf(effects: readonly Effect[]): Map<string, Reins> {
  const reins = new Map<string, Reins>();
  for (const { effect, agentId = "", detail = "{}" } of effects)
    if (effect === "control.set") reins.set(agentId, { ...reins.get(agentId), ...(JSON.parse(detail) as Reins) });
  return reins;
}
