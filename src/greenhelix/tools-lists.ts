import { TourniquetError } from "../errors.ts";
import type { CallOptions, Escrow, Transaction } from "../incident/gateway.ts";
import type { Calls } from "./calls.ts";
import { type EscrowPage, readEscrowPage } from "./escrow-fields.ts";
import { everyEscrow, ROWS_A_PAGE } from "./every-escrow.ts";
import { readAs, record } from "./fields.ts";
import { readTransactions } from "./ledger-fields.ts";
import { transactionsSince } from "./rest-lists.ts";
import { hasNoSuchThing, orNotShown, result, toolCall } from "./tool-call.ts";

/**
 * The seeds ask with agent_id alone and get the whole list, so the first page is asked just so. Further pages are asked for
 * all the same, since the real tool would stop at 50; a gateway that refuses the extra fields has no pages.
 */
export function listToolEscrows(
  calls: Calls,
  agentId: string,
  filter: { held?: boolean },
  options: CallOptions | undefined,
): AsyncGenerator<readonly Escrow[]> {
  const tool = "list_escrows";
  let first: EscrowPage | undefined;
  const readPage = async (offset: number, limit: number): Promise<EscrowPage> => {
    const paging = offset > 0 || limit < ROWS_A_PAGE ? { limit, offset } : {};
    try {
      const call = toolCall({ tool, agentId, input: { agent_id: agentId, ...paging }, options });
      const page = await calls.read(
        call,
        result(tool, (body) => readEscrowPage(body, agentId)),
      );
      first ??= page;
      return page;
    } catch (error) {
      if (offset > 0 && first && hasNoSuchThing(error)) return { rows: first.rows, unreadable: 0 };
      throw error;
    }
  };
  return everyEscrow(readPage, filter);
}

/** This form has no tool for one escrow, so the list is searched. Throws not-found. */
export async function readToolEscrow(
  calls: Calls,
  agentId: string,
  escrowId: string,
  options: CallOptions | undefined,
): Promise<Escrow> {
  for await (const page of listToolEscrows(calls, agentId, {}, options)) {
    const found = page.find(({ id }) => id === escrowId);
    if (found) return found;
  }
  throw new TourniquetError("not-found", "get_escrow: no such escrow in the agent's list", { agentId, escrowId });
}

/** No seed lists transactions; the name is the real gateway's. Throws not-found where there is none: that is not "no transactions". */
export async function listToolTransactions(
  calls: Calls,
  agentId: string,
  sinceMs: number,
  options: CallOptions | undefined,
): Promise<readonly Transaction[]> {
  const tool = "get_transactions";
  const readPage = async (offset: number) => {
    const call = toolCall({ tool, agentId, input: { agent_id: agentId, limit: ROWS_A_PAGE, offset }, options });
    return orNotShown(tool, "transactions", calls.read(call, result(tool, readTransactions)));
  };
  return transactionsSince(sinceMs, readPage);
}

/** Null stands for a tool this gateway has not. */
export async function readToolUsage(
  calls: Calls,
  agentId: string,
  options: CallOptions | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const ask = async (tool: string): Promise<unknown> => {
    const call = toolCall({ tool, agentId, input: { agent_id: agentId }, options });
    const reader = result(tool, (body) => readAs(record, body, tool));
    return calls.read(call, reader).catch((error) => {
      if (hasNoSuchThing(error)) return null;
      throw error;
    });
  };
  const [analytics, billing, byCategory] = await Promise.all([
    ask("get_usage_analytics"),
    ask("get_billing_summary"),
    ask("get_spending_by_category"),
  ]);
  return { analytics, billing, byCategory, source: "the gateway's own tools" };
}
