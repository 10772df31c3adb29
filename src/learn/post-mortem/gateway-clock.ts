import type { IncidentView } from "../../incident/incident.ts";
import { lasting } from "../../incident/plain-words.ts";
import type { Signal } from "../../incident/signal.ts";
import { eventsIn, type KeptEvent } from "../kept-events.ts";
import { type Parts, transactionsTold } from "./evidence.ts";

/** How far the gateway's clock was from ours while it happened; said: null where its times can be held against ours as they are. */
export type GatewayClock =
  | { isKnown: true; aheadMs: number; said: string | null }
  /** Its rows show that it was wrong, and nothing shows by how much. */
  | { isKnown: false; aheadMs: 0; said: string };

export const inStep: GatewayClock = { isKnown: true, aheadMs: 0, said: null };

/** guarantees.md section 2: less is none. A `Date` has whole seconds, and so may rows. */
const NONE_MS = 2_000;

/**
 * By the `Date` of its answers, unless its rows tell otherwise, whose times may be another machine's: nothing happened after we saw
 * it, nor was an escrow cancelled for an incident before that was opened.
 */
export function gatewayClock(incident: IncidentView, parts: Parts): GatewayClock {
  const said = Object.values(parts)
    .map((part) => (part as { gatewayAheadMs?: unknown } | null)?.gatewayAheadMs)
    .find((ahead) => typeof ahead === "number");
  const [least, most] = [leastAhead(parts), mostAhead(incident, parts)];
  // A Date leaves half a second open, which its rows may close.
  if (said !== undefined && said >= least - NONE_MS && said <= most + NONE_MS)
    return known(least > most ? said : Math.min(Math.max(said, least), most));
  if (Math.abs(most - least) <= NONE_MS) return known((least + most) / 2);
  if (least > NONE_MS) return unknown(`at least ${lasting(Math.round(least))} ahead of ours`);
  if (most < -NONE_MS) return unknown(`at least ${lasting(Math.round(-most))} behind ours`);
  return known(0);
}

function known(ms: number): GatewayClock {
  const aheadMs = Math.abs(ms) <= NONE_MS ? 0 : Math.round(ms);
  const words = `${lasting(Math.round(Math.abs(aheadMs) / 1_000) * 1_000)} ${aheadMs > 0 ? "ahead of" : "behind"} ours`;
  const said = aheadMs === 0 ? null : `The gateway's clock ran ${words}; its times are corrected by that.`;
  return { isKnown: true, aheadMs, said };
}

const unknown = (words: string): GatewayClock => ({
  ...{ isKnown: false, aheadMs: 0 },
  said: `The gateway's clock runs ${words}, and its times cannot be held against ours.`,
});

/** Of rows until the answer that showed them, and of events until they arrived. */
function leastAhead(parts: Parts): number {
  const ahead = Object.entries(parts).flatMap(([name, part]) => {
    const { takenAt } = (part ?? {}) as { takenAt?: unknown };
    const rows = typeof takenAt === "number" ? rowsIn(name, part).flatMap(({ createdAt }) => createdAt ?? []) : [];
    return [
      ...rows.map((at) => at - Number(takenAt)),
      ...eventsIn(part).flatMap((event) => (isItsTime(event) ? [event.occurredAt - event.receivedAt] : [])),
    ];
  });
  return ahead.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
}

function mostAhead({ escrows, openedAt }: IncidentView, parts: Parts): number {
  const ours = new Set(escrows.flatMap(({ result, escrowId }) => (result === "recovered" ? [escrowId] : [])));
  const refunds = (transactionsTold(parts) ?? []).flatMap(({ description, createdAt }) => {
    const escrowId = /^escrow_refund:(\S+)$/.exec(description)?.[1];
    return createdAt !== null && escrowId !== undefined && ours.has(escrowId) ? [createdAt - openedAt] : [];
  });
  return refunds.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
}

/** Until when rows belong to what was before a moment of ours: corrected times are right to half a second, and after a freeze nothing is spent. */
export const upTo = (untilMs: number, { aheadMs }: GatewayClock): number => untilMs + (aheadMs === 0 ? 0 : ROUGH_MS);
const ROUGH_MS = 500;

/** The incident and its evidence with every time of the gateway's as it was by our clock. */
export function inOurTime(
  incident: IncidentView,
  parts: Parts,
  { aheadMs }: GatewayClock,
): { incident: IncidentView; parts: Parts } {
  if (aheadMs === 0) return { incident, parts };
  const itsEvents = new Set(
    Object.values(parts).flatMap((part) =>
      eventsIn(part)
        .filter(isItsTime)
        .map(({ id }) => id),
    ),
  );
  const inOurs = (signal: Signal): Signal =>
    signal.why.events.some((id) => itsEvents.has(id))
      ? {
          ...{ ...signal, occurredAt: signal.occurredAt - aheadMs },
          ...(signal.startedAt !== undefined && { startedAt: signal.startedAt - aheadMs }),
        }
      : signal;
  return {
    incident: { ...incident, signals: incident.signals.map(inOurs) },
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, partInOurs(name, part, aheadMs)])),
  };
}

const listsOfRows = ["escrows", "transactions"] as const;
type Source = { known?: unknown };
type Row = { createdAt?: number };

function rowsIn(name: string, part: unknown): readonly Row[] {
  return sourcesIn(name, part).flatMap(({ known }) => (Array.isArray(known) ? (known as Row[]) : []));
}

/** What was asked again is a part of its own, named after its source. */
function sourcesIn(name: string, part: unknown): readonly Source[] {
  if (listsOfRows.some((list) => name.endsWith(`/${list}`))) return [part as Source];
  return listsOfRows.flatMap((list) => (part as Record<string, Source> | null)?.[list] ?? []);
}

function partInOurs(name: string, part: unknown, aheadMs: number): unknown {
  const inOurs = (source: Source): Source =>
    Array.isArray(source.known) ? { ...source, known: source.known.map((row) => rowInOurs(row, aheadMs)) } : source;
  if (listsOfRows.some((list) => name.endsWith(`/${list}`))) return inOurs(part as Source);
  if (typeof part !== "object" || part === null) return part;
  const lists = listsOfRows.flatMap((list) =>
    list in part ? [[list, inOurs((part as Record<string, Source>)[list]!)] as const] : [],
  );
  const events = eventsIn(part).map((event) =>
    isItsTime(event) ? { ...event, occurredAt: event.occurredAt - aheadMs } : event,
  );
  return { ...part, ...Object.fromEntries(lists), ...("events" in part && { events }) };
}

/** A time of a whole second stays one: it stands for all of its second (evidence.ts). */
function rowInOurs(row: Row, aheadMs: number): Row {
  if (typeof row.createdAt !== "number") return row;
  const by = row.createdAt % 1_000 === 0 ? Math.round(aheadMs / 1_000) * 1_000 : aheadMs;
  return { ...row, createdAt: row.createdAt - by };
}

type Timed = Extract<KeptEvent, { occurredAt: number | null }> & { occurredAt: number };

/** What an agent says of itself has its own time, on the bus anybody writes any, and what came without one has that of its arrival. */
const isItsTime = (event: KeptEvent): event is Timed =>
  "occurredAt" in event &&
  event.occurredAt !== null &&
  event.occurredAt !== event.receivedAt &&
  (event.source === "webhook" || event.source === "poller");
