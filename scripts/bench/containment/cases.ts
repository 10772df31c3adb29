import { after, until } from "../clock.ts";
import { exhaustedBudget } from "../events.ts";
import type { GatewayDouble } from "../gateway/gateway.ts";
import type { Preparation } from "../preparation.ts";
import type { Contained, Scene } from "./scene.ts";

/** Where the cases are played. */
export interface Setting {
  gateway: GatewayDouble;
  preparation: Preparation;
  scene: Scene;
}

/** One agent. With escrows, all of them must have come back. */
export async function one(set: Setting, { capsKnown = true, escrows = 0 } = {}): Promise<Contained> {
  const [contained] = await several(set, { agents: 1, escrows, capsKnown });
  return contained!;
}

export async function several(
  { gateway, preparation, scene }: Setting,
  { agents, escrows, capsKnown = true }: { agents: number; escrows: number; capsKnown?: boolean },
): Promise<readonly Contained[]> {
  const agentIds = await preparation.agents(agents, capsKnown);
  if (escrows > 0) for (const agentId of agentIds) await gateway.holdEscrows(agentId, escrows);
  const contained = await scene.contain(agentIds);
  const short = contained.filter(({ refunded }) => refunded !== escrows);
  if (short.length > 0)
    throw new Error(`${short[0]!.refunded} of ${escrows} escrows came back, of ${short[0]!.agentId}`);
  return contained;
}

/** The second agent's freeze, sent while the escrows of the first are being cancelled. */
export async function freezeDuringCancels(set: Setting, escrows: number, latencyMs: number): Promise<Contained> {
  const [busy, urgent] = await set.preparation.agents(2, true);
  await set.gateway.holdEscrows(busy!, escrows);
  const [, [second]] = await Promise.all([
    set.scene.contain([busy!]),
    // A list, then cancels: half way into the first wave of them.
    after(latencyMs * 1.5).then(() => set.scene.contain([urgent!])),
  ]);
  return second!;
}

export interface TenTimes {
  /** Writes beyond the one freeze and the one cancel per escrow, while ten copies arrive at once. */
  extraWrites: number;
  /** Calls of any kind after ten more copies, once all was done and quiet. */
  callsAfterwards: number;
}

/** The same bytes ten times at once, and ten times more after everything is done. */
export async function tenTimes({ gateway, preparation, scene }: Setting, escrows: number): Promise<TenTimes> {
  const [agentId] = await preparation.agents(1, true);
  await gateway.holdEscrows(agentId!, escrows);
  const webhook = exhaustedBudget(agentId!);
  const sendTen = () => Promise.all(Array.from({ length: 10 }, () => scene.send(webhook)));
  const before = await quiet(gateway);
  await sendTen();
  const isContained = async () => (await preparation.incidentOf(agentId!))?.status === "contained";
  await until(isContained, `${agentId} to be contained`);
  const done = await quiet(gateway);
  await sendTen();
  await preparation.settle();
  const after = await quiet(gateway);
  const writes = (tool: string) => (done[tool] ?? 0) - (before[tool] ?? 0);
  return {
    extraWrites: writes("set_budget_cap") + writes("cancel_escrow") - 1 - escrows,
    callsAfterwards: sum(after) - sum(done),
  };
}

/** The calls so far, once none has been made for a second and a half. */
async function quiet(gateway: GatewayDouble): Promise<Record<string, number>> {
  for (let last = await gateway.calls(); ; ) {
    await after(1_500);
    const now = await gateway.calls();
    if (sum(now) === sum(last)) return now;
    last = now;
  }
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
