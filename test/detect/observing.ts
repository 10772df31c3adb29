import { toEvent, type Understood, understand } from "../../src/detect/event.ts";
import { judge } from "../../src/detect/judge.ts";
import { observers } from "../../src/detect/observers/index.ts";
import type { EventSource } from "../../src/incident/event.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { readSettings, type Settings, thresholdsFor } from "../../src/settings/settings.ts";
import type { Stores } from "../redis/open-stores.ts";
import { noon } from "./rules/windows.ts";

/** One event as somebody sends it: type, milliseconds after noon, fields. */
export type Told = readonly [type: string, atMs: number, fields: Readonly<Record<string, unknown>>];

/** Reading the same text again for every event would be most of what these tests do. */
const known = new Map<string, Settings>();

/** What these events conclude, one after the other, over real windows: alone and together, without what policy makes of it. */
export async function conclude(
  stores: Stores,
  agentId: string,
  told: readonly Told[],
  { settings = "", source = "webhook" as EventSource } = {},
): Promise<Signal[]> {
  const read = known.get(settings) ?? readSettings(settings, {});
  known.set(settings, read);
  const ports = { ...stores, dispatch: { add: async () => undefined, isLive: async () => false }, settings: read };
  const concluded: Signal[] = [];
  for (const [index, [type, atMs, payload]] of told.entries()) {
    const body = { event_type: type, agent_id: agentId, timestamp: noon + atMs, payload };
    const understood = understand(JSON.stringify(body)) as Understood;
    const event = toEvent(understood, { id: `evt-0-${index}`, source, receivedAt: Date.now() });
    const thresholds = thresholdsFor(read, agentId);
    concluded.push(...judge(event, thresholds));
    for (const observer of observers.filter(({ kinds }) => kinds.includes(event.facts.kind)))
      concluded.push(...(await observer.observe(ports, event, thresholds)));
  }
  return concluded;
}

/** "kind/severity" of each, once, sorted. */
export const named = (signals: readonly Signal[]): string[] =>
  [...new Set(signals.map(({ kind, severity }) => `${kind}/${severity}`))].sort();

let count = 0;
/** An agent nobody knows yet. */
export const newAgent = (): string => {
  count += 1;
  return `agent-${count}`;
};

let ids = 0;
const nextId = (what: string) => {
  ids += 1;
  return `${what}-${ids}`;
};

export const opened = (atMs: number, amount: string, payee = "shop", escrowId = nextId("esc")): Told => [
  "escrow_state_change",
  atMs,
  { escrow_id: escrowId, payee, amount, status: "held" },
];
/** What became of an escrow that was opened. */
export const ended = ([type, , fields]: Told, atMs: number, status: string): Told => [
  type,
  atMs,
  { ...fields, status },
];
export const paid = (atMs: number, amount: string, description = "payment:int-1", id = nextId("tx")): Told => [
  "transaction_recorded",
  atMs,
  { transaction_id: id, amount, type: "withdrawal", description },
];
/** `count` of them, one every `everyMs`. */
export const series = (count: number, everyMs: number, make: (atMs: number, index: number) => Told): Told[] =>
  Array.from({ length: count }, (_, index) => make(index * everyMs, index));
