import type { Gateway } from "../incident/gateway.ts";
import type { Pace } from "../incident/ports.ts";

/**
 * The gateway, its frequent reads kept below the key's rate limit; a freeze never waits (guarantees.md section 8). The real
 * gateway's 429 names no time to wait, so not to provoke it is the only way. Cancels take their turn before they are
 * claimed (runbooks/take-back.ts), since no claim may wait in a line.
 */
export function paced(gateway: Gateway, pace: Pace): Gateway {
  return {
    ...gateway,
    get dialect() {
      return gateway.dialect;
    },
    async setBudget(agentId, caps, ...rest) {
      await pace.turn(agentId, { urgent: caps.dailyCap === 0n });
      return gateway.setBudget(agentId, caps, ...rest);
    },
    async *listEscrows(agentId, filter, options) {
      await pace.turn(agentId, { urgent: false, signal: options?.signal });
      for await (const page of gateway.listEscrows(agentId, filter, options)) {
        yield page;
        await pace.turn(agentId, { urgent: false, signal: options?.signal });
      }
    },
    async readBudget(agentId, options) {
      await pace.turn(agentId, { urgent: false, signal: options?.signal });
      return gateway.readBudget(agentId, options);
    },
  };
}
