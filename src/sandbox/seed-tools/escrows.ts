import { formatMoney } from "../../incident/money.ts";
import { findEscrow, listEscrows } from "../escrow-book.ts";
import { isoUtc, seconds } from "../presentation.ts";
import { cancelEscrowTool, createEscrowTool, listEscrowsTool, releaseEscrowTool } from "../rest/escrows.ts";
import type { EscrowRow, EscrowStatus } from "../state.ts";
import type { World } from "../world.ts";
import { type AnySeedTool, type Given, seedTool } from "./seed-tool.ts";

/** The seeds' words. They know pending, active and disputed too, which nothing here ever becomes. */
const seedStatus: Record<EscrowStatus, string> = {
  held: "funded",
  settled: "released",
  refunded: "cancelled",
  expired: "expired",
};
const ownStatus = new Map(Object.entries(seedStatus).map(([own, seed]) => [seed, own]));

/** `payer_id` and `payee_id` are the seeds' names; the agent itself pays if nobody else is named. */
const parties = (given: Given) => ({
  payer: String(given.payer_id ?? given.payer ?? given.agent_id),
  payee: String(given.payee_id ?? given.payee),
});

export const escrowTools: readonly AnySeedTool[] = [
  seedTool({
    name: "create_escrow",
    tool: createEscrowTool,
    required: ["payee_id", "amount"],
    toInput: (given) => ({
      ...parties(given),
      amount: given.amount as string,
      ...optional(given, "description", "timeout_hours"),
    }),
    toAnswer: ({ id }: { id: string }, _given, world) => answerRow(findEscrow(world, id)),
  }),
  seedTool({
    name: "list_escrows",
    tool: listEscrowsTool,
    required: ["agent_id"],
    toInput: (given) => ({ agent_id: String(given.agent_id) }),
    // Without a limit the whole list: the seeds read one answer and know no pages. With limit and offset, a page of it.
    toAnswer: (_result, given, world) => {
      const escrows = rowsFor(world, given).map(answerRow);
      return { escrows, count: escrows.length };
    },
  }),
  seedTool({
    name: "cancel_escrow",
    tool: cancelEscrowTool,
    required: ["escrow_id"],
    toInput: (given) => ({ escrow_id: String(given.escrow_id) }),
    toAnswer: (_result, given, world) => answerRow(findEscrow(world, String(given.escrow_id))),
  }),
  seedTool({
    name: "release_escrow",
    tool: releaseEscrowTool,
    required: ["escrow_id"],
    toInput: (given) => ({ escrow_id: String(given.escrow_id) }),
    toAnswer: (_result, given, world) => answerRow(findEscrow(world, String(given.escrow_id))),
  }),
];

function rowsFor(world: World, given: Given): EscrowRow[] {
  const status = given.status === undefined ? undefined : (ownStatus.get(String(given.status)) ?? String(given.status));
  const page = { limit: Number(given.limit ?? -1), offset: Number(given.offset ?? 0) };
  return listEscrows(world, String(given.agent_id), { ...page, ...(status === undefined ? {} : { status }) });
}

function answerRow(row: EscrowRow) {
  return {
    escrow_id: row.id,
    payer_id: row.payer,
    payee_id: row.payee,
    amount: formatMoney(row.amount),
    status: seedStatus[row.status],
    description: row.description,
    created_at: isoUtc(seconds(row.createdAtMs)),
  };
}

function optional(given: Given, ...names: string[]): Record<string, never> {
  return Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, given[name] as never]),
  );
}
