import { randomBytes } from "node:crypto";
import type { Router } from "express";
import { z } from "zod";
import { formatMoney, type Money, parseMoney, zero } from "../../incident/money.ts";
import { budgetOf, setBudget } from "../budgets.ts";
import { createEscrow } from "../escrow-book.ts";
import { seedReputation } from "../reputation.ts";
import { ensureAgent } from "../wallets.ts";
import type { World } from "../world.ts";

/** Setting the stage: agents with money, caps, keys and a past. */
const amount = z
  .union([z.string(), z.number()])
  .refine((value) => parseMoney(value) !== undefined, "not an amount")
  .transform((value) => parseMoney(value) as Money);
const tier = z.enum(["free", "starter", "pro", "enterprise"]);

const agentSchema = z.strictObject({
  agentId: z.string().min(1),
  /** Left out: the agent's own. */
  walletId: z.string().min(1).optional(),
  /** Sets the wallet's balance; left out: kept, or 0 for a new wallet. */
  balance: amount.optional(),
  dailyCap: amount.nullable().optional(),
  monthlyCap: amount.nullable().optional(),
  alertThreshold: z.number().optional(),
  tier: tier.optional(),
  publicKey: z.string().optional(),
  isVerified: z.boolean().optional(),
});

const agentsSchema = z.union([agentSchema.transform((agent) => [agent]), z.array(agentSchema)]);

const keySchema = z.strictObject({
  agentId: z.string().min(1),
  tier: tier.default("pro"),
  scopes: z.array(z.enum(["read", "write", "admin"])).default(["read", "write"]),
  token: z.string().min(8).optional(),
});

const heldSchema = z.strictObject({
  payer: z.string().min(1),
  payee: z.string().min(1),
  amount,
  count: z.int().min(1).max(100_000).default(1),
  timeoutHours: z.number().nullable().default(null),
  description: z.string().default(""),
});

const reputationSchema = z.strictObject({
  score: z.number().min(0).max(1),
  confidence: z.number().min(0).max(1).default(1),
});

export function agentRoutes(router: Router, world: World): void {
  router.post("/agents", (req, res) => {
    const agents = agentsSchema.parse(req.body);
    for (const agent of agents) placeAgent(world, agent);
    res.status(201).json({ agents: agents.map((agent) => agent.agentId) });
  });
  router.post("/keys", (req, res) => {
    const { token, ...key } = keySchema.parse(req.body);
    const issued = {
      ...key,
      token: token ?? `a2a_${key.tier}_${randomBytes(12).toString("hex")}`,
      createdAtMs: world.now(),
    };
    world.state.keys.set(issued.token, issued);
    res.status(201).json({ key: issued.token, agentId: key.agentId, tier: key.tier, scopes: key.scopes });
  });
  router.put("/agents/:agentId/reputation", (req, res) => {
    const { score, confidence } = reputationSchema.parse(req.body);
    seedReputation(world, req.params.agentId, score, confidence);
    res.json({ agentId: req.params.agentId, score });
  });
  router.post("/escrows", (req, res) => {
    const { count, ...order } = heldSchema.parse(req.body);
    const made = Array.from({ length: count }, () => createEscrow(world, { ...order, ...plain }).id);
    res.status(201).json({ count, escrowIds: made });
  });
}

const plain = { currency: "CREDITS", metadata: {}, idempotencyKey: undefined, actor: "sandbox" };

function placeAgent(world: World, agent: z.infer<typeof agentSchema>): void {
  const { agentId, balance } = agent;
  const known = world.state.agents.get(agentId);
  world.state.agents.set(agentId, {
    id: agentId,
    walletId: agent.walletId ?? known?.walletId ?? agentId,
    tier: agent.tier ?? known?.tier ?? world.defaultTier,
    isVerified: agent.isVerified ?? known?.isVerified ?? true,
  });
  const wallet = ensureAgent(world, agentId);
  if (balance !== undefined) wallet.balance = balance;
  if (agent.dailyCap !== undefined || agent.monthlyCap !== undefined || agent.alertThreshold !== undefined)
    placeCaps(world, agent);
  if (!world.state.reputations.has(agentId)) seedReputation(world, agentId, 0, 0);
  if (agent.publicKey !== undefined || !world.state.identities.has(agentId))
    placeIdentity(world, agentId, agent.publicKey);
}

/** Unlike the gateway's own PUT this keeps what is not named: it sets a stage, it does not imitate. */
function placeCaps(world: World, { agentId, dailyCap, monthlyCap, alertThreshold }: z.infer<typeof agentSchema>): void {
  const known = budgetOf(world, agentId);
  const row = {
    dailyCap: dailyCap === undefined ? known.dailyCap : dailyCap,
    monthlyCap: monthlyCap === undefined ? known.monthlyCap : monthlyCap,
    alertThreshold: alertThreshold ?? known.alertThreshold,
  };
  setBudget(world, agentId, row, { actor: "sandbox" });
}

/** The key pair issued with an account is thrown away by the real one, so nothing verifies until the agent uploads a key. */
function placeIdentity(world: World, agentId: string, publicKey: string | undefined): void {
  const known = world.state.identities.get(agentId);
  const created = known?.createdAtMs ?? world.now();
  world.state.identities.set(agentId, {
    agentId,
    publicKey: publicKey ?? randomBytes(32).toString("hex"),
    createdAtMs: created,
  });
}

/** What `/_sandbox/state` shows of a wallet, and scenarios compare. */
export function balanceText(world: World, walletId: string): string {
  return formatMoney(world.state.wallets.get(walletId)?.balance ?? zero);
}
