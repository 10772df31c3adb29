import { describeError, TourniquetError } from "../../errors.ts";
import type { BusEvent } from "../../incident/gateway.ts";
import type { BusCursor } from "../../incident/watch.ts";
import { admit } from "../admit.ts";
import { understand } from "../event.ts";
import { RESPONDER, reportFailure } from "./failure.ts";
import type { WatchPorts } from "./ports.ts";

/** The gateway purges rows after 24 h (greenhelix.md 2.2). */
const RETENTION_MS = 24 * 3_600_000;
/** Purged hourly, and by another clock. */
const PURGE_SLACK_MS = 2 * 3_600_000;
const FAILURES = 3;
const MOST_PAGES = 10;
/** At the first start: what is older was polled in its own time, or belongs to nobody's window any more. */
const FIRST_MS = 3_600_000;
/** A hint makes us look, but no more often than this. */
const HINT_EVERY_MS = 10_000;

/**
 * Reads on where the last reading ended; the cursor moves only after what was read is accepted. Every key of every tenant
 * writes to the bus, so a row is a hint: it is kept with its agent's events, and makes us look at the agent now instead of
 * at the next interval. What the gateway then shows is what counts.
 */
export async function readBus(ports: WatchPorts, abort: AbortSignal): Promise<Record<string, unknown>> {
  const now = await ports.clock.now();
  const before = await ports.fleetWatch.busCursor();
  try {
    await reportGap(ports, before, now);
    const read = await readPages(ports, before, now, abort);
    await ports.fleetWatch.countFailure("bus", false);
    return { answer: "read", ...read };
  } catch (error) {
    abort.throwIfAborted();
    if (!(error instanceof TourniquetError) || error.code.startsWith("redis-")) throw error;
    if (error.code === "not-found") return { answer: "no-bus" };
    if (error.code === "gateway-rate-limited")
      await ports.calls.backOff(ports.ownAgentId, Number(error.detail.retryAfterMs ?? 0));
    const inARow = await ports.fleetWatch.countFailure("bus", true);
    const { code, message } = describeError(error);
    if (inARow >= FAILURES)
      await report(ports, now, `The event bus cannot be read, ${inARow} times in a row now. ${message}`, {
        inARow,
        code,
      });
    return { answer: "failed", code, inARow };
  }
}

async function readPages(
  ports: WatchPorts,
  before: BusCursor | null,
  now: number,
  abort: AbortSignal,
): Promise<{ rows: number; accepted: number; pages: number }> {
  let cursor = before;
  let [rows, accepted, pages] = [0, 0, 0];
  const agents = await ourAgents(ports);
  for (; pages < MOST_PAGES; pages += 1) {
    if ((await ports.calls.take(ports.ownAgentId, [{ calls: 1, floor: 0.5 }])).reads === 0) break;
    await ports.pace.turn(ports.ownAgentId, { urgent: false, signal: abort });
    // From one row back: if that row is another one now, or gone before its time, the gateway counts anew.
    const page = await ports.gateway.listEvents(ports.ownAgentId, Math.max(0, (cursor?.id ?? 0) - 1), {
      signal: abort,
    });
    if (cursor && countsAnew(cursor, page, now)) {
      const sentence = `The event bus counts anew: its row ${cursor.id} is another one than we read. It is read again from its beginning.`;
      await report(ports, now, sentence, { cursor: cursor.id });
      cursor = null;
      continue;
    }
    const fresh = page.filter(({ id }) => id > (cursor?.id ?? 0));
    const isFirst = before === null;
    const wanted = fresh.filter(({ createdAt }) => !isFirst || createdAt === undefined || now - createdAt <= FIRST_MS);
    accepted += await take(ports, wanted, agents);
    rows += fresh.length;
    cursor = { ...cursorAt(fresh.at(-1), cursor), readAt: now };
    await ports.fleetWatch.moveBusCursor(cursor);
    if (fresh.length === 0) break;
  }
  return { rows, accepted, pages };
}

function cursorAt(last: BusEvent | undefined, before: BusCursor | null): Omit<BusCursor, "readAt"> {
  if (last) return { id: last.id, integrityHash: last.integrityHash, rowAt: last.createdAt ?? null };
  return before ?? { id: 0, integrityHash: "", rowAt: null };
}

/** The row we read last is another one, or is not there although it is too young to be purged: the database was restored. */
function countsAnew({ id, integrityHash, rowAt }: BusCursor, page: readonly BusEvent[], now: number): boolean {
  if (id === 0) return false;
  const [first] = page;
  if (first === undefined) return rowAt !== null && now - rowAt < RETENTION_MS - PURGE_SLACK_MS;
  return first.id === id && first.integrityHash !== integrityHash;
}

async function ourAgents({ settings, agentWatch }: WatchPorts): Promise<ReadonlySet<string>> {
  const seen = await agentWatch.seenAgents(settings.watch.seenAgents);
  return new Set([...settings.fleet.agents.map(({ id }) => id), ...seen]);
}

/** Only of agents of ours and of types we judge: the rest of the bus is other people's, and any of them could fill our Redis. */
async function take(ports: WatchPorts, rows: readonly BusEvent[], agents: ReadonlySet<string>): Promise<number> {
  let accepted = 0;
  for (const row of rows) {
    const body = JSON.stringify(row.raw);
    const understood = understand(body);
    if (!understood.ok || understood.eventType?.follows !== "correlate") continue;
    const { agentId } = understood;
    if (agentId === null || !agents.has(agentId)) continue;
    await admit(ports, { rawBody: Buffer.from(body), source: "bus", signedId: null });
    const job = { look: "agent", agentId, everyMs: HINT_EVERY_MS } as const;
    await ports.dispatch.add("watch", agentId, `hint-${agentId}`, job, { forgotten: true });
    accepted += 1;
  }
  return accepted;
}

async function reportGap(ports: WatchPorts, before: BusCursor | null, now: number): Promise<void> {
  if (!before || now - before.readAt <= RETENTION_MS) return;
  const hours = Math.round((now - before.readAt) / 3_600_000);
  const sentence = `The event bus was not read for ${hours} h and keeps its rows for 24: what it said in between is gone. Escrows, budgets and transactions are read at their agents all the same.`;
  await report(ports, now, sentence, { hours }, "bus-gap");
}

function report(
  ports: WatchPorts,
  at: number,
  sentence: string,
  observed: Record<string, string | number>,
  check = "bus",
): Promise<void> {
  return reportFailure(ports, { agentId: RESPONDER, check, sentence, observed, at });
}
