import { describeError, isTransient } from "../../errors.ts";
import type { Identity, Verification } from "../../incident/gateway.ts";
import type { Signal } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { Step, StepContext } from "../runbook.ts";
import { tell } from "./tell-of-compromise.ts";

/**
 * reads: is this still the agent we know? A key other than the pinned one is a takeover; a gateway that can verify nothing is
 * `unknown` (C4). What is found invalid widens the incident, whatever it began with: RB3 joins it.
 */
export const verifyIdentity: Step = {
  name: "verify-identity",
  effect: "reads",
  urgent: false,
  lane: "evidence",
  async run(context) {
    const found = await look(context);
    if ("unknown" in found) return { verdict: "unknown", reason: found.unknown };
    const { identity, verification } = found;
    const pinned = context.ports.fleetAgent(context.incident.agentId)?.pinnedPublicKey;
    const keyChanged = pinned !== undefined && identity.publicKey?.toLowerCase() !== pinned;
    const verdict = keyChanged ? "invalid" : verification.verdict;
    const reason = keyChanged ? "the public key differs from the pinned one" : verification.reason;
    if (verdict === "invalid") await Promise.all([tell(context), widen(context, reason)]);
    return { verdict, reason, publicKey: identity.publicKey ?? null, pinned: pinned ?? null };
  },
};

type Found = { identity: Identity; verification: Verification } | { unknown: string };

/** An agent that the gateway does not know, or will not show, is `unknown` for good; an outage is for the next attempt. */
async function look({ ports, incident, abort }: StepContext): Promise<Found> {
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
  try {
    const [identity, verification] = await Promise.all([
      ports.gateway.readIdentity(incident.agentId, options),
      ports.gateway.verifyAgent(incident.agentId, options),
    ]);
    return { identity, verification };
  } catch (error) {
    if (isTransient(error)) throw error;
    return { unknown: describeError(error).message };
  }
}

/** C4: the verdict goes the way of every other one, so that it joins this incident, or opens one where this is a dry run no longer. */
async function widen({ ports, incident, signals }: StepContext, reason: string): Promise<void> {
  if (incident.runbooks.includes("identity-compromise")) return;
  const { agentId } = incident;
  const signal: Signal = {
    id: signalId("identity-compromise", agentId, `verify-identity ${incident.id}`),
    kind: "identity-compromise",
    severity: "critical",
    agentId,
    occurredAt: Math.max(incident.openedAt, ...signals.map(({ occurredAt }) => occurredAt)),
    suspectPayee: null,
    why: {
      rule: "verify-identity",
      ruleVersion: 1,
      sentence: `The identity check of ${incident.id} failed: ${reason}.`,
      thresholds: {},
      observed: { verdict: "invalid", reason },
      baseline: null,
      events: [],
    },
  };
  await ports.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "verify-identity" });
  await ports.dispatch.add("freeze", agentId, `freeze-${signal.id}`, { eventId: null, agentId, signalId: signal.id });
}
