import { accessRules } from "../rules/index.ts";
import { FOUNDING_DAYS, programOf } from "../rules/unfamiliar-access.ts";
import { windowSignals } from "../window-signals.ts";
import type { Observer } from "./observer.ts";

/** D7, auth events. One that failed says nothing of the agent, and whoever may try must not be able to have it frozen. */
export const accessObserver: Observer = {
  kinds: ["auth"],
  async observe({ access }, { id, agentId, occurredAt, facts }, thresholds) {
    if (facts.kind !== "auth" || agentId === null || !facts.succeeded) return [];
    const { address } = facts;
    const userAgent = facts.userAgent === null ? null : programOf(facts.userAgent);
    const view = await access.observe(
      agentId,
      { eventId: id, at: occurredAt, address, userAgent },
      { authentications: thresholds.identityCompromise.minimumSamples, days: FOUNDING_DAYS },
    );
    return windowSignals(agentId, view, accessRules, thresholds);
  },
};
