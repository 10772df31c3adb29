import { baselineOf } from "../../incident/standing.ts";
import { fleetAgent } from "../../settings/settings.ts";
import { standingRules } from "../rules/index.ts";
import { windowSignals } from "../window-signals.ts";
import type { Observer } from "./observer.ts";

/** D2, polled: a score against the one given in the settings, else the first that was seen, or one that a person accepted since. An unknown score is neither. */
export const standingObserver: Observer = {
  kinds: ["standing"],
  async observe(ports, event, thresholds) {
    const { facts, agentId, occurredAt: at, id: eventId } = event;
    if (facts.kind !== "standing" || facts.score === null || agentId === null) return [];
    const seen = await ports.standing.observe(agentId, { score: facts.score, at, eventId });
    const given = fleetAgent(ports.settings, agentId)?.reputationBaseline;
    return windowSignals(agentId, { ...seen, at, baseline: baselineOf(seen, given) }, standingRules, thresholds);
  },
};
