import type { Gateway } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import { formatMoney } from "../incident/money.ts";
import { isFee, isOutflow } from "../incident/outflow.ts";
import { escrowsAre } from "../incident/plain-words.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { CAPS_ABOVE } from "../incident/relapse.ts";
import { planOf } from "../runbooks/plan.ts";
import { PROOF_DEADLINE_MS } from "../runbooks/runbook.ts";
import { compareWithRung } from "./compare-with-rung.ts";
import { type Found, type GateAnswer, known } from "./gates.ts";
import { shownCap } from "./ramp.ts";

export interface BudgetGatePorts {
  gateway: Pick<Gateway, "readBudget" | "listEscrows" | "listTransactions" | "readBalance">;
}

/** What is stamped so shortly before the agent was let go may be of after it: the gateway's clock is not ours (guarantees.md, T_barrier). */
const BARRIER_MS = 35_000;

/**
 * Read back when the first rung stands (R1): the caps are the rung's, and what nobody could see while the agent was frozen (it reads
 * 0 % used then, guarantees.md section 8) is looked for in its escrows and its account. What cannot be read is shown as unknown.
 */
export async function conservativeBudget(
  ports: BudgetGatePorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<GateAnswer> {
  const [caps, escrows, account] = await Promise.all([
    lookAtCaps(ports, incident, recovery, abort),
    lookAtEscrows(ports, incident, recovery, abort),
    lookAtAccount(ports, incident, recovery, abort),
  ]);
  const found = { caps: caps.found, escrows: escrows.found, account: account.found };
  const reason = caps.wrong ?? escrows.wrong ?? account.wrong;
  const gate = "conservative-budget";
  return reason === null ? { gate, passed: true, found } : { gate, passed: false, reason, found };
}

async function lookAtCaps(
  ports: BudgetGatePorts,
  { agentId }: Incident,
  { rungs, raisesCaps }: KeptRecovery,
  abort: AbortSignal,
): Promise<Found> {
  if (!raisesCaps) return { found: { raised: false }, wrong: null };
  const { percent, ...rung } = rungs[0]!;
  const { caps, budget } = await compareWithRung(ports, agentId, rung, abort);
  const found = { percent, dailyCap: shownCap(budget.dailyCap), monthlyCap: shownCap(budget.monthlyCap) };
  if (caps !== "above") return { found, wrong: null };
  return { found, wrong: `${CAPS_ABOVE} ${percent} % of what they were: ${found.dailyCap ?? "no"} a day` };
}

/** Containment took back what it had to; whatever of that is held again was opened while the agent was frozen. */
async function lookAtEscrows(
  { gateway }: BudgetGatePorts,
  { agentId, runbooks, containedAt }: Incident,
  { begunAt }: KeptRecovery,
  abort: AbortSignal,
): Promise<Found> {
  const { escrows } = planOf({ runbooks });
  if (escrows !== "all")
    return { found: { heldFromBefore: `not asked: containment took back ${escrows}` }, wrong: null };
  let held = 0;
  for await (const page of gateway.listEscrows(
    agentId,
    { held: true },
    { deadlineMs: PROOF_DEADLINE_MS, signal: abort },
  ))
    held += page.filter(
      ({ payer, state, createdAt }) =>
        payer === agentId && state === "held" && isBefore(createdAt, { containedAt, begunAt }),
    ).length;
  return {
    found: { heldFromBefore: held },
    wrong: held === 0 ? null : `${escrowsAre(held)} held, opened while it was contained`,
  };
}

/** Whether this happened while the agent was contained; what shows no time is not held against it. */
function isBefore(
  at: number | undefined,
  { containedAt, begunAt }: { containedAt: number | null; begunAt: number | null },
) {
  return at !== undefined && at > (containedAt ?? 0) + BARRIER_MS && at < (begunAt ?? 0) - BARRIER_MS;
}

async function lookAtAccount(
  { gateway }: BudgetGatePorts,
  { agentId, containedAt, openedAt, runbooks }: Incident,
  { begunAt }: KeptRecovery,
  abort: AbortSignal,
): Promise<Found> {
  const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
  const [rows, balance] = await Promise.all([
    known(gateway.listTransactions(agentId, containedAt ?? openedAt, options)),
    known(gateway.readBalance(agentId, options)),
  ]);
  const shown = "unknown" in balance ? "unknown" : formatMoney(balance.value.balance);
  if ("unknown" in rows) return { found: { balance: shown, spentWhileContained: "unknown" }, wrong: null };
  const wrong = rows.value.filter(
    ({ amount, description, createdAt }) =>
      amount !== undefined &&
      isOutflow(amount, description) &&
      !isFee(description) &&
      isBefore(createdAt, { containedAt, begunAt }),
  );
  const found = { balance: shown, spentWhileContained: wrong.length };
  // An agent whose budget was left alone was free to spend.
  if (wrong.length === 0 || planOf({ runbooks }).budget !== "freeze") return { found, wrong: null };
  return { found, wrong: `${wrong.length} payments left its account while it was contained: ${wrong[0]!.description}` };
}
