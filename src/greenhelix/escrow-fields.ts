import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import type { Escrow, EscrowState } from "../incident/gateway.ts";
import { amount, id, listIn, named, readAs, record, time } from "./fields.ts";

/** Both dialects' words. The real gateway keeps an escrow `held` while it is disputed; the tools form has a word for it. */
const stateByWord: Readonly<Record<string, EscrowState>> = {
  held: "held",
  pending: "held",
  funded: "held",
  active: "held",
  created: "held",
  locked: "held",
  settled: "settled",
  released: "settled",
  completed: "settled",
  paid: "settled",
  refunded: "refunded",
  cancelled: "refunded",
  canceled: "refunded",
  expired: "expired",
  timeout: "expired",
  timed_out: "expired",
  disputed: "disputed",
};

export function stateOf(word: string): EscrowState {
  const known = word.trim().toLowerCase();
  return Object.hasOwn(stateByWord, known) ? stateByWord[known]! : "unknown";
}

/** Stands for a payee the gateway does not show: no reason not to cancel. */
const NOT_NAMED = "(not named)";

const escrowShape = z.object({
  id,
  payer: id,
  payee: id,
  amount,
  rawStatus: z.string(),
  createdAt: time,
});

/**
 * payer: whose list the row is from, where the gateway leaves that out (the seeds list what an agent pays, and name only
 * the payee); undefined where a row must say it.
 */
export function readEscrow(body: unknown, payer?: string): Escrow {
  const row = readAs(record, body, "escrow");
  const escrow = readAs(
    escrowShape,
    {
      id: named(row, "id", "escrow_id"),
      payer: named(row, "payer", "payer_id") ?? payer,
      payee: named(row, "payee", "payee_id") ?? NOT_NAMED,
      amount: row.amount,
      rawStatus: named(row, "status", "state"),
      createdAt: named(row, "created_at", "timestamp"),
    },
    "escrow",
  );
  return { ...escrow, createdAt: escrow.createdAt, state: stateOf(escrow.rawStatus) };
}

/** One page: what could be read, and how many rows could not, so that one bad row neither hides nor holds up the others. */
export interface EscrowPage {
  rows: readonly Escrow[];
  unreadable: number;
}

export function readEscrowPage(body: unknown, payer?: string): EscrowPage {
  const rows: Escrow[] = [];
  let unreadable = 0;
  for (const row of listIn(body, "list_escrows", "escrows", "items", "data")) {
    try {
      rows.push(readEscrow(row, payer));
    } catch (error) {
      if (!(error instanceof TourniquetError)) throw error;
      unreadable += 1;
    }
  }
  return { rows, unreadable };
}

/** What a cancel came to. A 2xx without a status word is a cancel acknowledged. */
export function readCancelled(body: unknown): { state: EscrowState } {
  const row = readAs(record, body, "cancel_escrow");
  const word = named(row, "status", "state");
  return { state: typeof word === "string" ? stateOf(word) : "refunded" };
}
