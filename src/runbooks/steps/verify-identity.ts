import type { Step } from "../runbook.ts";

/** reads: is this still the agent we know? A key other than the pinned one is a takeover; a gateway that can verify nothing is `unknown` (C4). */
export const verifyIdentity: Step = {
  name: "verify-identity",
  effect: "reads",
  urgent: false,
  async run({ ports, incident, abort }) {
    const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
    const [identity, verification] = await Promise.all([
      ports.gateway.readIdentity(incident.agentId, options),
      ports.gateway.verifyAgent(incident.agentId, options),
    ]);
    const pinned = ports.fleetAgent(incident.agentId)?.pinnedPublicKey;
    const keyChanged = pinned !== undefined && identity.publicKey?.toLowerCase() !== pinned;
    const verdict = keyChanged ? "invalid" : verification.verdict;
    const reason = keyChanged ? "the public key differs from the pinned one" : verification.reason;
    if (verdict === "invalid") {
      const data = { agentId: incident.agentId, incidentId: incident.id, signalId: null } as const;
      const what = "identity-compromise-suspected";
      await ports.dispatch.add("notification", incident.agentId, `publish-${incident.id}-${what}`, {
        ...data,
        kind: "publish",
        what,
      });
      await ports.dispatch.add("notification", incident.agentId, `page-${incident.id}-${what}`, {
        ...data,
        kind: "page",
        what,
      });
    }
    return { verdict, reason, publicKey: identity.publicKey ?? null, pinned: pinned ?? null };
  },
};
