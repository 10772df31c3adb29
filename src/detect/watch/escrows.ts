import { TourniquetError } from "../../errors.ts";
import type { Escrow } from "../../incident/gateway.ts";
import { formatMoney } from "../../incident/money.ts";
import type { Awaited } from "../../incident/watch.ts";
import { cancelActions, withoutOurs } from "./ours.ts";
import type { Look, Read, Reading } from "./read.ts";
import type { Found } from "./told.ts";

/** Older trouble is only recorded (contain/late.ts), and a fleet's old escrows would be told of all at once at the first look. */
const OLDEST_MS = 24 * 3_600_000;
const MOST_AWAITED = 500;

/** Every escrow the agent holds, on all pages; told of once each (D4, D5, D6). */
export const escrows: Read = {
  name: "escrows",
  pace: "every-look",
  isHolds: true,
  calls: (memory) => memory.escrowCalls,
  floor: 0,
  read,
};

async function read(look: Look): Promise<Reading> {
  const { ports, agentId, options, now } = look;
  let requests = 0;
  const counted = {
    ...options,
    onRequest: () => {
      requests += 1;
      options.onRequest?.();
    },
  };
  const [told, { rows, flaw }] = await Promise.all([ports.agentWatch.told(agentId), listOwn(look, counted)]);
  const held = rows.filter(({ state }) => state === "held");
  const fresh = held.filter(({ id, createdAt }) => !told.has(id) || told.get(id) !== (createdAt ?? null));
  const opened = fresh.filter(({ createdAt }) => createdAt === undefined || now - createdAt <= OLDEST_MS);
  const stillHeld = new Set(held.map(({ id }) => id));
  return {
    found: [...opened.map(openedEvent), ...(await ended(look, rows, told))],
    remember: {
      escrowCalls: Math.max(requests, 1),
      awaited: [...look.memory.awaited, ...awaited(look, opened)].slice(-MOST_AWAITED),
    },
    told: fresh.map(({ id, createdAt }) => ({ id, createdAt })),
    // What a broken list does not show may be held all the same.
    forgotten: flaw ? [] : [...told.keys()].filter((id) => !stillHeld.has(id)),
    ...(flaw && { flaw }),
  };
}

/** Rows that cannot be read make the list throw at its end; what it gave before counts. */
async function listOwn(
  { ports: { gateway }, agentId }: Look,
  options: Look["options"],
): Promise<{ rows: readonly Escrow[]; flaw?: TourniquetError }> {
  const rows: Escrow[] = [];
  // In the tools form the whole list is one request anyway, and nothing else tells there how an escrow ended.
  const filter = { held: gateway.dialect === "rest" };
  try {
    for await (const page of gateway.listEscrows(agentId, filter, options))
      rows.push(...page.filter(({ payer }) => payer === agentId));
    return { rows };
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "gateway-unreadable" && rows.length > 0)
      return { rows, flaw: error };
    throw error;
  }
}

function openedEvent({ id, payer, payee, amount, createdAt }: Escrow): Found {
  return {
    type: "escrow_state_change",
    agentId: payer,
    id: `held-${id}`,
    at: createdAt ?? null,
    payload: { escrow_id: id, payer, ...payeeOf(payee), amount: formatMoney(amount), status: "held" },
  };
}

/** The adapters write "(not named)" where the gateway leaves the payee out. */
const payeeOf = (payee: string) => (payee.startsWith("(") ? {} : { payee });

/** Escrows told of as held that the list shows in another state; what we cancelled ourselves is no news. */
async function ended(
  { ports, agentId }: Look,
  rows: readonly Escrow[],
  told: ReadonlyMap<string, number | null>,
): Promise<readonly Found[]> {
  const over = rows.filter(({ id, state }) => told.has(id) && state !== "held" && state !== "unknown");
  const news = await withoutOurs(ports, agentId, over, ({ id, createdAt }) => cancelActions(id, createdAt));
  return news.map(({ id, payer, payee, amount, state }) => ({
    type: "escrow_state_change",
    agentId,
    id: `${state}-${id}`,
    at: null,
    payload: {
      escrow_id: id,
      payer,
      ...payeeOf(payee),
      amount: formatMoney(amount),
      status: state,
      previous_status: "held",
    },
  }));
}

/** I8: a webhook should tell of what is opened while webhooks are registered and somebody looks. */
function awaited({ webhooks, watchedSince, now }: Look, opened: readonly Escrow[]): readonly Awaited[] {
  if (!webhooks?.eventTypes.some((type) => type === "escrow_state_change" || type === "*")) return [];
  const from = Math.max(webhooks.registeredSince, watchedSince);
  return opened
    .filter(({ createdAt }) => createdAt !== undefined && createdAt > from)
    .map(({ id }) => ({ what: `escrow:${id}`, since: now }));
}
