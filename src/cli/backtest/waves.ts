import { type Understood, understand } from "../../detect/event.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Told } from "./trace.ts";

export interface Understandable {
  told: Told;
  understood: Understood;
}

/** What may not be judged side by side: the same agent, or agents of one wallet. */
export type Conflicts = (agentId: string) => readonly string[];

const WIDEST = 32;

/**
 * Events that follow each other and have nothing to do with each other are judged at once: waiting for Redis is most of a replay.
 * Which ones that is depends on the trace alone, so the same trace makes the same waves.
 */
export async function* wavesOf(trace: AsyncIterable<Told>, conflicts: Conflicts): AsyncGenerator<Understandable[]> {
  let wave: Understandable[] = [];
  let touched = new Set<string>();
  for await (const told of trace) {
    const understood = understand(told.stored.raw, told.stored.source);
    if (!understood.ok) continue;
    const own = understood.agentId === null ? [] : conflicts(understood.agentId);
    if (wave.length === WIDEST || own.some((name) => touched.has(name))) {
      yield wave;
      wave = [];
      touched = new Set();
    }
    wave.push({ told, understood });
    for (const name of own) touched.add(name);
  }
  if (wave.length > 0) yield wave;
}

/** By the wallets that any of the candidates names. */
export function conflictsBetween(candidates: readonly Settings[]): Conflicts {
  const wallets = new Map<string, string[]>();
  for (const [index, { fleet }] of candidates.entries())
    for (const { id, wallet } of fleet.agents)
      if (wallet !== undefined) wallets.set(id, [...(wallets.get(id) ?? []), `wallet ${index} ${wallet}`]);
  return (agentId) => [`agent ${agentId}`, ...(wallets.get(agentId) ?? [])];
}
