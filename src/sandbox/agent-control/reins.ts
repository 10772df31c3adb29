import type { World } from "../world.ts";

/** What holds one agent back, and the keys of the rotations of its credentials, oldest first. */
export interface ReinsRow {
  tools: "none" | "read-only" | "all";
  isolated: boolean;
  paused: boolean;
  rotations: readonly string[];
}

const loose: ReinsRow = { tools: "all", isolated: false, paused: false, rotations: [] };

export function reinsOf(world: World, agentId: string): ReinsRow {
  return world.state.reins.get(agentId) ?? loose;
}

/** Absolute, so a repeated one changes nothing; it is an effect all the same, since a caller did send it. */
export function changeReins(world: World, agentId: string, change: Partial<ReinsRow>): Partial<ReinsRow> {
  world.state.reins.set(agentId, { ...reinsOf(world, agentId), ...change });
  world.effects.record("control.set", { agentId, detail: JSON.stringify(change) });
  return change;
}

/** Every call with a new key is a new set of credentials; the same key again is the same rotation. Answers how many credentials. */
export function rotate(world: World, agentId: string, key: string): number {
  const known = reinsOf(world, agentId);
  if (known.rotations.includes(key)) return CREDENTIALS;
  world.state.reins.set(agentId, { ...known, rotations: [...known.rotations, key] });
  world.effects.record("control.rotated", { agentId, idempotencyKey: key });
  return CREDENTIALS;
}

/** How many each agent has here. */
const CREDENTIALS = 2;
