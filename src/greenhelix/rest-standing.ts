import type { Gateway } from "../incident/gateway.ts";
import { path } from "../outbound/path.ts";
import type { Calls } from "./calls.ts";
import { readIdentity, readRecords, readReputation } from "./identity-fields.ts";

export type StandingPart = Pick<
  Gateway,
  "readIdentity" | "verifyAgent" | "readReputation" | "readClaims" | "readClaimChains" | "submitMetrics" | "rateService"
>;

/** Who an agent is and what is said of it, over the REST routes. */
export function restStanding(calls: Calls): StandingPart {
  return {
    readIdentity(agentId, options) {
      const at = path`/v1/identity/agents/${agentId}`;
      return calls.read({ tool: "get_agent_identity", agentId, method: "GET", path: at, options }, (body) =>
        readIdentity(agentId, body),
      );
    },

    /** Here verifying means checking a signature by the agent's private key, which we have not: asking would prove nothing. */
    verifyAgent: async () => ({
      verdict: "unknown",
      reason: "this gateway verifies signatures, not agents; compare the public key with a pinned one",
    }),

    readReputation(agentId, options) {
      const at = path`/v1/identity/agents/${agentId}/reputation`;
      return calls.read({ tool: "get_agent_reputation", agentId, method: "GET", path: at, options }, readReputation);
    },

    readClaims(agentId, options) {
      const at = path`/v1/identity/agents/${agentId}/claims`;
      return calls.read({ tool: "get_verified_claims", agentId, method: "GET", path: at, options }, (body) =>
        readRecords(body, "get_verified_claims", "claims"),
      );
    },

    readClaimChains(agentId, options) {
      const at = path`/v1/identity/agents/${agentId}/claim-chains`;
      const query = { limit: 100 };
      return calls.read({ tool: "get_claim_chains", agentId, method: "GET", path: at, query, options }, (body) =>
        readRecords(body, "get_claim_chains", "chains"),
      );
    },

    /** The gateway takes 23 fixed metric names and only the key's own agent; anything else comes back not-done. */
    submitMetrics(agentId, metrics, actionKey, options) {
      const at = path`/v1/identity/agents/${agentId}/metrics`;
      const body = { metrics, data_source: "self_reported" };
      return calls.write(
        { tool: "submit_metrics", agentId, method: "POST", path: at, body, actionKey, options },
        (answer) => answer,
        {},
      );
    },

    rateService(agentId, serviceId, rating, review, actionKey, options) {
      const at = path`/v1/marketplace/services/${serviceId}/ratings`;
      const body = { rating, review };
      return calls.write(
        { tool: "rate_service", agentId, method: "POST", path: at, body, actionKey, options },
        (answer) => answer,
        {},
      );
    },
  };
}
