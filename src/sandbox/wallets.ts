import { addMoney, type Money, zero } from "../incident/money.ts";
import { Problem } from "./problem.ts";
import { append, type TransactionRow, type Wallet } from "./state.ts";
import { nextId, type World } from "./world.ts";

/** Money in and out of wallets. Every movement is a transaction row of the agent it was made for. */
export function walletOf(world: World, agentId: string): Wallet {
  const agent = world.state.agents.get(agentId);
  const wallet = agent && world.state.wallets.get(agent.walletId);
  if (!wallet) throw new Problem(404, "wallet-not-found", `Wallet not found: ${agentId}`);
  return wallet;
}

/** Opens what is missing. The real gateway's payees have wallets of their own; here one comes into being when it is paid. */
export function ensureAgent(world: World, agentId: string): Wallet {
  const { agents, wallets } = world.state;
  const agent = agents.get(agentId) ?? { id: agentId, walletId: agentId, tier: world.defaultTier, isVerified: true };
  agents.set(agentId, agent);
  const wallet = wallets.get(agent.walletId) ?? { id: agent.walletId, balance: zero, isFrozen: false };
  wallets.set(wallet.id, wallet);
  return wallet;
}

export interface Movement {
  txType: TransactionRow["txType"];
  description: string;
  idempotencyKey?: string | undefined;
}

/** Refuses a frozen wallet, which is why a frozen payer cannot be refunded. */
export function deposit(world: World, agentId: string, amount: Money, movement: Movement): Money {
  return move(world, refuseFrozen(walletOf(world, agentId), agentId), agentId, amount, movement);
}

export function withdraw(world: World, agentId: string, amount: Money, movement: Movement): Money {
  const wallet = refuseFrozen(walletOf(world, agentId), agentId);
  refuseOverdraft(wallet, amount);
  return move(world, wallet, agentId, -amount as Money, movement);
}

/** A fee. Not stopped by a frozen wallet. */
export function charge(world: World, agentId: string, amount: Money, description: string): void {
  const wallet = walletOf(world, agentId);
  refuseOverdraft(wallet, amount);
  move(world, wallet, agentId, -amount as Money, { txType: "charge", description });
}

export function setFrozen(world: World, agentId: string, isFrozen: boolean, actor: string): void {
  walletOf(world, agentId).isFrozen = isFrozen;
  world.effects.record(isFrozen ? "wallet.frozen" : "wallet.unfrozen", { agentId, actor });
}

export function refuseFrozen(wallet: Wallet, agentId: string): Wallet {
  if (wallet.isFrozen) throw new Problem(403, "wallet-frozen", `Wallet is frozen: ${agentId}`);
  return wallet;
}

function refuseOverdraft(wallet: Wallet, amount: Money): void {
  if (wallet.balance < amount) throw new Problem(402, "insufficient-balance", "Insufficient balance");
}

function move(world: World, wallet: Wallet, agentId: string, signed: Money, movement: Movement): Money {
  wallet.balance = addMoney(wallet.balance, signed);
  append(world.state.transactions, agentId, {
    id: nextId(world),
    agentId,
    amount: signed,
    txType: movement.txType,
    description: movement.description,
    atMs: world.now(),
    idempotencyKey: movement.idempotencyKey ?? null,
  });
  return wallet.balance;
}
