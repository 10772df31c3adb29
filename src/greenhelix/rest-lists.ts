import type { CallOptions, Escrow, Transaction } from "../incident/gateway.ts";
import { path } from "../outbound/path.ts";
import type { Calls } from "./calls.ts";
import { readEscrowPage } from "./escrow-fields.ts";
import { everyEscrow, ROWS_A_PAGE } from "./every-escrow.ts";
import { everyRow } from "./every-row.ts";
import { readAs, record } from "./fields.ts";
import { readTransactions, summarize } from "./ledger-fields.ts";

export function listRestEscrows(
  calls: Calls,
  agentId: string,
  filter: { held?: boolean },
  options: CallOptions | undefined,
): AsyncGenerator<readonly Escrow[]> {
  const wanted: Record<string, string> = filter.held ? { agent_id: agentId, status: "held" } : { agent_id: agentId };
  const readPage = (offset: number, limit: number) =>
    calls.read(
      {
        tool: "list_escrows",
        agentId,
        method: "GET",
        path: path`/v1/payments/escrows`,
        query: { ...wanted, limit, offset },
        options,
      },
      readEscrowPage,
    );
  return everyEscrow(readPage, filter);
}

export async function listRestTransactions(
  calls: Calls,
  agentId: string,
  sinceMs: number,
  options: CallOptions | undefined,
): Promise<readonly Transaction[]> {
  const readPage = (offset: number) =>
    calls.read(
      {
        tool: "list_transactions",
        agentId,
        method: "GET",
        path: path`/v1/billing/wallets/${agentId}/transactions`,
        query: { limit: ROWS_A_PAGE, offset },
        options,
      },
      readTransactions,
    );
  return transactionsSince(sinceMs, readPage);
}

/**
 * Newest first, so the first page that reaches back far enough is the last one needed. A row without a time is kept. The
 * first page is looked at before another is asked for: whoever polls needs no more than that nearly always.
 */
export async function transactionsSince(
  sinceMs: number,
  readPage: (offset: number) => Promise<readonly Transaction[]>,
): Promise<readonly Transaction[]> {
  const isWanted = ({ createdAt }: Transaction) => createdAt === undefined || createdAt >= sinceMs;
  const reachesBack = (page: readonly Transaction[]) => page.some((row) => !isWanted(row));
  const first = await readPage(0);
  if (first.length === 0 || reachesBack(first)) return first.filter(isWanted);
  const found: Transaction[] = [];
  for await (const page of everyRow(async (offset) => (offset === 0 ? first : readPage(offset)))) {
    found.push(...page.filter(isWanted));
    if (reachesBack(page)) break;
  }
  return found;
}

/** Composed: this gateway has a usage summary, but neither a billing summary nor spending by category. */
export async function readRestUsage(
  calls: Calls,
  agentId: string,
  sinceMs: number,
  options: CallOptions | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const [analytics, transactions] = await Promise.all([
    calls.read(
      {
        tool: "get_usage_analytics",
        agentId,
        method: "GET",
        path: path`/v1/billing/wallets/${agentId}/usage`,
        query: { since: Math.floor(sinceMs / 1000) },
        options,
      },
      (body) => readAs(record, body, "get_usage_analytics"),
    ),
    listRestTransactions(calls, agentId, sinceMs, options),
  ]);
  const { byCategory, ...billing } = summarize(transactions);
  return { analytics, billing, byCategory, source: "composed of usage and transactions" };
}
