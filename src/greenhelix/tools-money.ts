import { readBudget, readCapsEcho, readFrozen, sentCaps } from "./budget-fields.ts";
import type { Calls } from "./calls.ts";
import { readCancelled } from "./escrow-fields.ts";
import { readBalance } from "./ledger-fields.ts";
import type { MoneyPart } from "./rest-money.ts";
import { result, toolCall } from "./tool-call.ts";
import { listToolEscrows, listToolTransactions, readToolEscrow, readToolUsage } from "./tools-lists.ts";

/** Caps, escrows and wallets, in the tools form. */
export function toolsMoney(calls: Calls): MoneyPart {
  return {
    readBudget(agentId, options) {
      const tool = "get_budget_status";
      const call = toolCall({ tool, agentId, input: { agent_id: agentId }, options });
      return calls.read(
        call,
        result(tool, (body) => readBudget(agentId, body)),
      );
    },

    setBudget(agentId, caps, actionKey, options) {
      const tool = "set_budget_cap";
      const { daily, monthly, alertThreshold } = sentCaps(caps);
      const input = { agent_id: agentId, daily, monthly, alert_threshold: alertThreshold };
      const echo = result(tool, (body) => readCapsEcho(body, caps));
      return calls.write(toolCall({ tool, agentId, input, actionKey, options }), echo, caps);
    },

    setWalletFrozen(agentId, frozen, actionKey, options) {
      const tool = frozen ? "freeze_wallet" : "unfreeze_wallet";
      const call = toolCall({ tool, agentId, input: { agent_id: agentId }, actionKey, options });
      return calls.write(call, result(tool, readFrozen), { frozen });
    },

    listEscrows: (agentId, filter, options) => listToolEscrows(calls, agentId, filter, options),

    readEscrow: (agentId, escrowId, options) => readToolEscrow(calls, agentId, escrowId, options),

    cancelEscrow(agentId, escrowId, reason, actionKey, options) {
      const tool = "cancel_escrow";
      const call = toolCall({ tool, agentId, input: { escrow_id: escrowId, reason }, actionKey, options });
      return calls.write(call, result(tool, readCancelled));
    },

    readBalance(agentId, options) {
      const tool = "get_balance";
      return calls.read(toolCall({ tool, agentId, input: { agent_id: agentId }, options }), result(tool, readBalance));
    },

    listTransactions: (agentId, sinceMs, options) => listToolTransactions(calls, agentId, sinceMs, options),

    readUsage: (agentId, _sinceMs, options) => readToolUsage(calls, agentId, options),
  };
}
