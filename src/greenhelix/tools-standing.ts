import type { Calls } from "./calls.ts";
import { readIdentity, readRecords, readReputation, readVerification } from "./identity-fields.ts";
import type { StandingPart } from "./rest-standing.ts";
import { result, toolCall } from "./tool-call.ts";

/** Who an agent is and what is said of it, in the tools form. */
export function toolsStanding(calls: Calls): StandingPart {
  return {
    readIdentity(agentId, options) {
      const tool = "get_agent_identity";
      const reader = result(tool, (body) => readIdentity(agentId, body));
      return calls.read(toolCall({ tool, agentId, input: { agent_id: agentId }, options }), reader);
    },

    verifyAgent(agentId, options) {
      const tool = "verify_agent";
      return calls.read(
        toolCall({ tool, agentId, input: { agent_id: agentId }, options }),
        result(tool, readVerification),
      );
    },

    readReputation(agentId, options) {
      const tool = "get_agent_reputation";
      return calls.read(
        toolCall({ tool, agentId, input: { agent_id: agentId }, options }),
        result(tool, readReputation),
      );
    },

    readClaims(agentId, options) {
      const tool = "get_verified_claims";
      const reader = result(tool, (body) => readRecords(body, tool, "claims"));
      return calls.read(toolCall({ tool, agentId, input: { agent_id: agentId }, options }), reader);
    },

    readClaimChains(agentId, options) {
      const tool = "get_claim_chains";
      const reader = result(tool, (body) => readRecords(body, tool, "chains"));
      return calls.read(toolCall({ tool, agentId, input: { agent_id: agentId }, options }), reader);
    },

    submitMetrics(agentId, metrics, actionKey, options) {
      const tool = "submit_metrics";
      const call = toolCall({ tool, agentId, input: { agent_id: agentId, metrics }, actionKey, options });
      return calls.write<unknown>(
        call,
        result(tool, (body) => body),
        {},
      );
    },

    rateService(agentId, serviceId, rating, review, actionKey, options) {
      const tool = "rate_service";
      const input = { agent_id: agentId, service_id: serviceId, rating, comment: review };
      return calls.write<unknown>(
        toolCall({ tool, agentId, input, actionKey, options }),
        result(tool, (body) => body),
        {},
      );
    },
  };
}
