import { fleetAgent } from "../../settings/settings.ts";
import type { IdentityView } from "../rules/identity-reading.ts";
import { identityRules } from "../rules/index.ts";
import { windowSignals } from "../window-signals.ts";
import type { Observer } from "./observer.ts";

/** D7, what a poller read at the gateway. A key is kept as the agent's own only if the gateway does not call it invalid. */
export const identityObserver: Observer = {
  kinds: ["identity"],
  async observe({ access, settings }, { id, agentId, occurredAt, facts }, thresholds) {
    if (facts.kind !== "identity" || agentId === null) return [];
    const { firstKey, ...trouble } = await access.pin(
      agentId,
      facts.verification === "invalid" ? null : facts.publicKey,
    );
    const configured = fleetAgent(settings, agentId)?.pinnedPublicKey;
    const view: IdentityView = {
      ...trouble,
      reading: facts,
      pinned: pinOf(configured, firstKey),
      at: occurredAt,
      eventId: id,
    };
    return windowSignals(agentId, view, identityRules, thresholds);
  },
};

function pinOf(configured: string | undefined, firstKey: string | null): IdentityView["pinned"] {
  if (configured !== undefined) return { key: configured, source: "settings" };
  return firstKey === null ? null : { key: firstKey, source: "first-seen" };
}
