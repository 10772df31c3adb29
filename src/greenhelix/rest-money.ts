import type { Gateway } from "../incident/gateway.ts";
import { path } from "../outbound/path.ts";
import { readBudget, readCapsEcho, readFrozen, sentCaps } from "./budget-fields.ts";
import type { Calls } from "./calls.ts";
import { readCancelled, readEscrow } from "./escrow-fields.ts";
import { readBalance } from "./ledger-fields.ts";
import { listRestEscrows, listRestTransactions, readRestUsage } from "./rest-lists.ts";

export type MoneyPart = Pick<
  Gateway,
  | "readBudget"
  | "setBudget"
  | "setWalletFrozen"
  | "listEscrows"
  | "readEscrow"
  | "cancelEscrow"
  | "readBalance"
  | "listTransactions"
  | "readUsage"
>;

/** Caps, escrows and wallets, over the REST routes. */
export function restMoney(calls: Calls): MoneyPart {
  return {
    readBudget(agentId, options) {
      const at = path`/v1/billing/wallets/${agentId}/budget`;
      return calls.read({ tool: "get_budget_status", agentId, method: "GET", path: at, options }, (body) =>
        readBudget(agentId, body),
      );
    },

    setBudget(agentId, caps, actionKey, options) {
      const { daily, monthly, alertThreshold } = sentCaps(caps);
      const body = { daily_cap: daily, monthly_cap: monthly, alert_threshold: alertThreshold };
      const at = path`/v1/billing/wallets/${agentId}/budget`;
      return calls.write(
        { tool: "set_budget_cap", agentId, method: "PUT", path: at, body, actionKey, options },
        (echo) => readCapsEcho(echo, caps),
        caps,
      );
    },

    /** Needs an admin key. Cancel first: a frozen wallet refuses the refunds. */
    setWalletFrozen(agentId, frozen, actionKey, options) {
      const at = path`/v1/billing/wallets/${agentId}/${frozen ? "freeze" : "unfreeze"}`;
      const tool = frozen ? "freeze_wallet" : "unfreeze_wallet";
      const call = { tool, agentId, method: "POST", path: at, actionKey, options } as const;
      return calls.write(call, readFrozen, { frozen });
    },

    listEscrows: (agentId, filter, options) => listRestEscrows(calls, agentId, filter, options),

    readEscrow(agentId, escrowId, options) {
      const at = path`/v1/payments/escrows/${escrowId}`;
      return calls.read({ tool: "get_escrow", agentId, method: "GET", path: at, options }, readEscrow);
    },

    /** The gateway has no field for a reason; it stays in our own record. */
    cancelEscrow(agentId, escrowId, _reason, actionKey, options) {
      const at = path`/v1/payments/escrows/${escrowId}/cancel`;
      return calls.write(
        { tool: "cancel_escrow", agentId, method: "POST", path: at, actionKey, options },
        readCancelled,
      );
    },

    readBalance(agentId, options) {
      const at = path`/v1/billing/wallets/${agentId}/balance`;
      return calls.read({ tool: "get_balance", agentId, method: "GET", path: at, options }, readBalance);
    },

    listTransactions: (agentId, sinceMs, options) => listRestTransactions(calls, agentId, sinceMs, options),

    readUsage: (agentId, sinceMs, options) => readRestUsage(calls, agentId, sinceMs, options),
  };
}
