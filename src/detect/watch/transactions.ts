import type { Transaction } from "../../incident/gateway.ts";
import { formatMoney } from "../../incident/money.ts";
import { cancelActions, withoutOurs } from "./ours.ts";
import type { Look, Read, Reading } from "./read.ts";
import type { Found } from "./told.ts";

/** How far back the first look goes: the longest window of any rule (D6). */
const FIRST_MS = 3_600_000;
/** Rows of one moment may be written in any order. */
const NEAR_MS = 5_000;
const MOST_NEAR = 2_000;
/** Longer than the time between two looks; what is told twice is one event. */
const SET_BACK_MS = 600_000;

/** What moved on the agent's account since the last look: spending (D3), and escrows that ended (D6). */
export const transactions: Read = {
  name: "transactions",
  pace: "every-look",
  isHolds: false,
  calls: () => 1,
  floor: 0.2,
  read,
};

async function read(look: Look): Promise<Reading> {
  const { ports, agentId, now, memory, options } = look;
  await ports.pace.turn(agentId, { urgent: false, signal: options.signal });
  const from = fromWhen(memory.transactionsUntil, now, ports.gateway.now());
  const rows = await ports.gateway.listTransactions(agentId, from, options);
  const near = new Set(memory.transactionsNear);
  const fresh = rows.filter(({ id }) => !near.has(id));
  const latest = rows.reduce((last, { createdAt }) => Math.max(last, createdAt ?? 0), memory.transactionsUntil ?? 0);
  // A row from a clock that ran ahead must not hide whatever comes before its time.
  const until = Math.min(latest, now);
  const isNear = ({ createdAt }: Transaction) => createdAt === undefined || createdAt >= until - NEAR_MS;
  return {
    found: await eventsOf(look, fresh),
    remember: {
      transactionsUntil: until === 0 ? null : until,
      transactionsNear: rows
        .filter(isNear)
        .map(({ id }) => id)
        .slice(0, MOST_NEAR),
    },
  };
}

/** Where the gateway's clock was set back, what is new has times from before those that we have seen. */
function fromWhen(until: number | null, now: number, there: number | null): number {
  if (until === null) return now - FIRST_MS;
  return there !== null && there < until - NEAR_MS ? there - SET_BACK_MS : until - NEAR_MS;
}

/** What the description says of an escrow (greenhelix.md 1.7); `escrow_hold` names none, and the list of escrows tells of it. */
const ENDED = /^escrow_(refund|expired):(\S+)$/;
const endState = { refund: "refunded", expired: "expired" } as const;

async function eventsOf(look: Look, rows: readonly Transaction[]): Promise<readonly Found[]> {
  const ends = rows.filter(({ description }) => ENDED.test(description));
  const others = rows.filter(({ description }) => !ENDED.test(description) && !description.startsWith("escrow_hold:"));
  return [...(await endEvents(look, ends)), ...others.flatMap((row) => recorded(look.agentId, row))];
}

async function endEvents({ ports, agentId }: Look, rows: readonly Transaction[]): Promise<readonly Found[]> {
  if (rows.length === 0) return [];
  const told = await ports.agentWatch.told(agentId);
  const idOf = ({ description }: Transaction) => ENDED.exec(description)![2]!;
  // The key that the cancel went out under is on the row; the agent could write such a key too, but not into our ledger.
  const actionsOf = (row: Transaction) => [
    ...cancelActions(idOf(row), told.get(idOf(row))),
    ...(row.idempotencyKey?.startsWith(`cancel:${idOf(row)}`) ? [row.idempotencyKey] : []),
  ];
  const news = await withoutOurs(ports, agentId, rows, actionsOf);
  return news.map((row) => {
    const status = endState[ENDED.exec(row.description)![1] as keyof typeof endState];
    const amount = row.amount === undefined ? {} : { amount: formatMoney(row.amount) };
    return {
      type: "escrow_state_change",
      agentId,
      id: `${status}-${idOf(row)}`,
      at: row.createdAt ?? null,
      payload: { escrow_id: idOf(row), payer: agentId, ...amount, status, previous_status: "held" },
    };
  });
}

function recorded(agentId: string, { id, amount, type, description, createdAt }: Transaction): Found[] {
  if (amount === undefined) return [];
  const payload = { transaction_id: id, amount: formatMoney(amount), type, description };
  return [{ type: "transaction_recorded", agentId, id: `transaction-${id}`, at: createdAt ?? null, payload }];
}
