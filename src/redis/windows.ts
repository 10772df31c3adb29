import { hash } from "node:crypto";
import { money } from "../incident/money.ts";
import { type Reach, usualReach, type Windows, type WindowView } from "../incident/windows.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";
import { eventToken, readEscrows, readMinutes, readOutflows, token, toWindowTime, unknown } from "./window-lines.ts";

/** One id told with times further apart is two escrows: a gateway's ids restart when its database is restored. */
const SAME_MS = 300_000;
/** The longest window a rule looks back (D6, D3), and as far ahead, because events come out of order. */
const LATELY_MS = 3_600_000;
/** Bounds on what one agent may keep in Redis (performance.md Q6: 20 KB per active agent). */
const MOST_OUTFLOWS = 30;
export const MOST_MINUTES = 120;

/** What the script is told, whichever kind of news it is. */
interface News {
  what: "opened" | "ended" | "outflow";
  at: number;
  eventId: string;
  id: string;
  escrowId: string;
  payee: string | null;
  amount: string | null;
  state: string;
  reach: Reach;
}

type Reply = [string, string, string, string, string, string, string, string, string, string];

export function createWindows(redis: RedisConnection, partitions: number): Windows {
  const observe = async (agentId: string, news: News): Promise<WindowView> => {
    const partition = partitionOf(agentId, partitions);
    const at = Math.round(news.at);
    const reply = await runScript<Reply>(redis, "observeMoney", tagKey(partition), [
      agentId,
      news.what,
      eventToken(news.eventId, partition),
      toWindowTime(at),
      at,
      news.id,
      news.escrowId,
      news.payee === null ? unknown : token(news.payee),
      news.amount ?? unknown,
      String(money(news.amount ?? "0")),
      news.state,
      SAME_MS,
      toWindowTime(at - LATELY_MS),
      toWindowTime(at + LATELY_MS),
      news.reach.escrows,
      MOST_OUTFLOWS,
      MOST_MINUTES,
    ]);
    return toView(reply, partition, at, news.reach.nearMs);
  };
  const ofEscrow = (escrowId: string) => ({ id: token(escrowId), escrowId });
  return {
    observeEscrow: (agentId, opened, reach = usualReach) =>
      observe(agentId, { ...opened, ...ofEscrow(opened.escrowId), what: "opened", state: unknown, reach }),
    observeEnd: (agentId, ended, reach = usualReach) =>
      observe(agentId, { ...ended, ...ofEscrow(ended.escrowId), what: "ended", reach }),
    observeOutflow: (agentId, { transactionId, ...outflow }) =>
      observe(agentId, {
        ...outflow,
        id: hash("sha256", transactionId, "base64url").slice(0, 8),
        what: "outflow",
        escrowId: unknown,
        state: unknown,
        reach: usualReach,
      }),
  };
}

/** To whom this agent opened escrows then, and for how much: for whoever looks for what agents have in common (RB5). */
export async function readPayments(
  redis: RedisConnection,
  partitions: number,
  agentId: string,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Promise<readonly { payee: string; amount: string }[]> {
  const partition = partitionOf(agentId, partitions);
  const window = keys.window(partition, agentId);
  const lines = await redis.lrange(window, 0, -1).catch((error) => Promise.reject(redisError(error)));
  return readEscrows(lines.join("\n"), partition, null).flatMap(({ payee, amount, opened }) =>
    opened && payee !== null && amount !== null && opened.at >= fromMs && opened.at <= untilMs
      ? [{ payee, amount }]
      : [],
  );
}

function toView(reply: Reply, partition: number, at: number, nearMs: number): WindowView {
  const [lines, rows, principal, outflow, epoch, incident, capsAt, observed, afresh, afreshMinute] = reply;
  const escrows = readEscrows(lines, partition, afresh);
  return {
    at,
    entries: escrows.flatMap(({ escrowId, payee, amount, opened, end }) =>
      opened && Math.abs(opened.at - at) <= nearMs
        ? [{ escrowId, payee: payee ?? "", amount: amount ?? "0", at: opened.at, eventId: opened.eventId, end }]
        : [],
    ),
    escrows,
    outflows: readOutflows(rows, partition),
    principalByMinute: readMinutes(principal),
    outflowByMinute: readMinutes(outflow),
    afreshMinute: Number(afreshMinute),
    epoch: Number(epoch),
    observed: Number(observed),
    openIncident: incident || null,
    capsSeenAt: capsAt ? Number(capsAt) : null,
  };
}
