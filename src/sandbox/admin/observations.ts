import type { Router } from "express";
import { addMoney, formatMoney, type Money, zero } from "../../incident/money.ts";
import { reinsOf } from "../agent-control/reins.ts";
import { budgetOf, spendOf } from "../budgets.ts";
import type { Agent, EscrowStatus } from "../state.ts";
import type { World } from "../world.ts";
import { balanceText } from "./agents.ts";

/** What happened, told by the gateway's side: the judge of every drill. */
export function observationRoutes(router: Router, world: World): void {
  router.get("/effects", (req, res) => {
    const { since, effect, agentId, escrowId } = req.query;
    const wanted = world.effects
      .list()
      .filter(
        (row) =>
          row.seq > Number(since ?? 0) &&
          (effect === undefined || row.effect === effect) &&
          (agentId === undefined || row.agentId === agentId) &&
          (escrowId === undefined || row.escrowId === escrowId),
      );
    res.json({ effects: wanted });
  });
  router.get("/state", (_req, res) => res.json(describeState(world)));
  router.get("/requests", (_req, res) => res.json(world.requests.report()));
}

/** Amounts are decimal strings; `refunds` counts how often each escrow paid back, `doubleRefunds` names those above one. */
export function describeState(world: World) {
  const escrows = [...world.state.escrows.values()];
  return {
    agents: [...world.state.agents.values()].map((agent) => describeAgent(world, agent)),
    wallets: Object.fromEntries([...world.state.wallets.keys()].map((id) => [id, balanceText(world, id)])),
    escrows: countByStatus(escrows),
    refunds: Object.fromEntries(escrows.filter((row) => row.refunds > 0).map((row) => [row.id, row.refunds])),
    doubleRefunds: escrows.filter((row) => row.refunds > 1).map((row) => row.id),
    settings: world.settings,
  };
}

function describeAgent(world: World, agent: Agent) {
  const { dailyCap, monthlyCap, alertThreshold } = budgetOf(world, agent.id);
  const spend = spendOf(world, agent.id);
  const own = (world.state.escrowsByAgent.get(agent.id) ?? []).filter((row) => row.payer === agent.id);
  const locked = addMoney(...own.filter((row) => row.status === "held").map((row) => row.amount));
  return {
    agentId: agent.id,
    walletId: agent.walletId,
    tier: agent.tier,
    balance: balanceText(world, agent.walletId),
    isFrozen: world.state.wallets.get(agent.walletId)?.isFrozen ?? false,
    caps: { daily: text(dailyCap), monthly: text(monthlyCap), alertThreshold },
    spend: { daily: formatMoney(spend.daily), monthly: formatMoney(spend.monthly) },
    locked: formatMoney(locked),
    escrows: countByStatus(own),
    publicKey: world.state.identities.get(agent.id)?.publicKey ?? null,
    control: reinsOf(world, agent.id),
    score: (world.state.reputations.get(agent.id)?.composite ?? 0) / 100,
  };
}

function text(cap: Money | null): string | null {
  return cap === null ? null : formatMoney(cap ?? zero);
}

function countByStatus(rows: ReadonlyArray<{ status: EscrowStatus }>): Record<EscrowStatus, number> {
  const counts: Record<EscrowStatus, number> = { held: 0, settled: 0, refunded: 0, expired: 0 };
  for (const row of rows) counts[row.status] += 1;
  return counts;
}
