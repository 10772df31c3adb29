import { createHash } from "node:crypto";
import { seconds, sortedPythonJson } from "./presentation.ts";
import type { BusRow } from "./state.ts";
import type { World } from "./world.ts";

/** The bus: everybody reads everything, everybody may write anything under any source. Rows live for 24 hours. */
const KEPT_MS = 86_400_000;

export function publish(
  world: World,
  event: { eventType: string; source: string; payload: Record<string, unknown> },
  by: { actor: string; idempotencyKey?: string | undefined },
): BusRow {
  purge(world);
  const createdAtMs = world.now();
  world.state.lastBusId += 1;
  const id = world.state.lastBusId;
  const row = { ...event, id, createdAtMs, integrityHash: hashOf(event, createdAtMs) };
  world.state.bus.push(row);
  const agentId = typeof event.payload.agent_id === "string" ? event.payload.agent_id : event.source;
  world.effects.record("event.published", { agentId, ...by, detail: event.eventType });
  return row;
}

/** since_id is exclusive, rows ascend. */
export function readBus(
  world: World,
  filter: { eventType?: string | undefined; sinceId: number; limit: number },
): BusRow[] {
  purge(world);
  const wanted = world.state.bus.filter(
    (row) => row.id > filter.sinceId && (filter.eventType === undefined || row.eventType === filter.eventType),
  );
  return wanted.slice(0, filter.limit < 0 ? undefined : filter.limit);
}

export function busRow(row: BusRow) {
  return {
    id: row.id,
    event_type: row.eventType,
    source: row.source,
    payload: row.payload,
    integrity_hash: row.integrityHash,
    created_at: zoneless(row.createdAtMs),
  };
}

function hashOf(
  event: { eventType: string; source: string; payload: Record<string, unknown> },
  createdAtMs: number,
): string {
  const text = `${event.eventType}${event.source}${sortedPythonJson(event.payload)}${zoneless(createdAtMs)}`;
  return createHash("sha3-256").update(text).digest("hex");
}

/** UTC without saying so: "2026-01-02T03:04:05". */
function zoneless(ms: number): string {
  return new Date(seconds(ms) * 1000).toISOString().slice(0, 19);
}

function purge(world: World): void {
  const sinceMs = world.now() - KEPT_MS;
  if ((world.state.bus[0]?.createdAtMs ?? sinceMs) >= sinceMs) return;
  world.state.bus = world.state.bus.filter((row) => row.createdAtMs >= sinceMs);
}
