import { randomBytes } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, Gateway } from "../incident/gateway.ts";

/** One gateway key as it is configured; its value stays with whoever connects with it. */
export interface KeyToCheck {
  /** "containment", or the agent that the key is for. */
  name: string;
  /** "variable X" or "file /y". */
  from: string;
  /** Agents that this key acts for. */
  agents: readonly string[];
  /** Watched agents that the configuration says this key belongs to, or is the same as the key of. */
  belongsTo: readonly string[];
  gateway: Gateway;
}

export interface KeyReport extends Pick<KeyToCheck, "name" | "from" | "agents"> {
  /** Agents of ours whose budget it could read, of those that were tried. */
  reads: readonly string[];
  /** Freeze and cancel; unknown where the gateway gave no word that tells. */
  mayWrite: "yes" | "no" | "unknown";
  /** Acts for every agent, without limit of rate; unknown as above. */
  isAdmin: "yes" | "no" | "unknown";
  /** Each keeps the key from its work. */
  problems: readonly string[];
  notes: readonly string[];
}

/** Enough to see whether it may; with an admin key one would do. */
const MOST_TRIED = 50;

/**
 * What a key may do, measured without changing anything (O9). Reading shows whose wallets it may touch: the gateway checks
 * the owner of a write as it does that of a read. Writing is shown by the cancel of an escrow that nobody ever opened: a key
 * that may write is told "not found", one that may not is refused before anything is looked for (greenhelix.md 1.2).
 */
export async function checkKey(key: KeyToCheck): Promise<KeyReport> {
  const probe = key.agents[0] ?? "tourniquet-key-check";
  const [isAdmin, mayWrite] = await Promise.all([adminScope(key.gateway), writeScope(key.gateway, probe)]);
  const tried = await readBudgets(key, isAdmin.answer === "yes" ? key.agents.slice(0, 1) : key.agents);
  const { name, from, agents } = key;
  const flaws = [isAdmin.flaw, mayWrite.flaw].filter((flaw) => flaw !== null);
  const problems = [
    ...new Set([...flaws, ...tried.flatMap(({ flaw }) => flaw ?? [])]),
    ...(mayWrite.answer === "no" ? ["it may only read: it can neither freeze nor cancel"] : []),
    ...ownership(key, isAdmin.answer, tried),
  ];
  const reads = tried.filter(({ flaw }) => flaw === null).map(({ agentId }) => agentId);
  return {
    ...{ name, from, agents, reads, mayWrite: mayWrite.answer, isAdmin: isAdmin.answer, problems },
    notes: notesOf(name, isAdmin.answer),
  };
}

interface Answer {
  answer: "yes" | "no" | "unknown";
  flaw: string | null;
}

/** Only an admin key is told that a wallet of nobody does not exist; any other may not ask for it. */
async function adminScope(gateway: Gateway): Promise<Answer> {
  try {
    await gateway.readBalance(nobody());
    return { answer: "yes", flaw: null };
  } catch (error) {
    const { code, status } = wordOf(error);
    if (code === "not-found") return { answer: "yes", flaw: null };
    if (status === 403) return { answer: "no", flaw: null };
    return { answer: "unknown", flaw: flawOf(error) };
  }
}

async function writeScope(gateway: Gateway, agentId: string): Promise<Answer> {
  const escrowId = nobody();
  const outcome = await gateway.cancelEscrow(agentId, escrowId, "key-check", `key-check:${escrowId}` as ActionKey);
  if (outcome.outcome === "done") return { answer: "yes", flaw: null };
  const { code, status } = wordOf(outcome.error);
  if (code === "not-found" || code === "conflict") return { answer: "yes", flaw: null };
  if (status === 403) return { answer: "no", flaw: null };
  return { answer: "unknown", flaw: flawOf(outcome.error) };
}

interface Tried {
  agentId: string;
  flaw: string | null;
  /** Another agent's wallet to this key. */
  isForeign: boolean;
}

async function readBudgets({ gateway }: KeyToCheck, agents: readonly string[]): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const agentId of agents.slice(0, MOST_TRIED)) {
    try {
      await gateway.readBudget(agentId);
      tried.push({ agentId, flaw: null, isForeign: false });
    } catch (error) {
      const isForeign = wordOf(error).status === 403;
      const flaw = isForeign ? `it may not read the budget of ${agentId}, nor set it to zero` : flawOf(error);
      tried.push({ agentId, flaw, isForeign });
    }
  }
  return tried;
}

/** The containment key must not be an agent's own: the agent could lift the freeze with it, and uses up its calls. */
function ownership({ name, belongsTo }: KeyToCheck, isAdmin: string, tried: readonly Tried[]): readonly string[] {
  if (name !== "containment") return [];
  // Who may read one wallet and no other is its agent.
  const measured =
    isAdmin === "no" && tried.some(({ isForeign }) => isForeign)
      ? tried.filter(({ flaw }) => flaw === null).map(({ agentId }) => agentId)
      : [];
  return [...new Set([...belongsTo, ...measured])].map(
    (agentId) =>
      `it is the own key of ${agentId}, which it is to contain: the agent could lift the freeze with it, and uses up its calls`,
  );
}

function notesOf(name: string, isAdmin: string): readonly string[] {
  if (isAdmin === "yes")
    return name === "containment" ? [] : ["it has the admin scope, more than this agent's key needs"];
  return name === "containment" ? [] : ["the agent may hold the same key: a freeze it lifts is put back within 10 s"];
}

const nobody = (): string => `tourniquet-key-check-${randomBytes(6).toString("hex")}`;

function wordOf(error: unknown): { code: string; status: number } {
  if (!(error instanceof TourniquetError)) throw error;
  return { code: error.code, status: Number(error.detail.status) };
}

function flawOf(error: unknown): string {
  const { status } = wordOf(error);
  const message = (error as TourniquetError).message;
  return status === 401 ? "the gateway does not know this key" : `it could not be tried: ${message}`;
}
