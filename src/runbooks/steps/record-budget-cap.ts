import { describeError, isTransient, TourniquetError } from "../../errors.ts";
import type { BudgetCaps } from "../../incident/gateway.ts";
import { formatMoney, type Money } from "../../incident/money.ts";
import type { Snapshot } from "../../incident/snapshot.ts";
import type { Step, StepContext } from "../runbook.ts";
import { freezeBudget } from "./freeze-budget.ts";

/** The freeze must not wait longer than this for a slow read; what was seen before serves then. */
const READ_DEADLINE_MS = 1_500;
/** A gateway that fails at once may be asked again within that time: no other source is as good. */
const READ_TRIES = 3;

/** reads: the caps from before the freeze, write-once (G10). Its receipt is what stand-down and recovery restore. */
export const recordBudgetCap: Step = {
  name: "record-budget-cap",
  effect: "reads",
  urgent: true,
  async run(context) {
    const { caps } = context.ports;
    const { agentId, id } = context.incident;
    const known = await caps.snapshot(agentId, id);
    if (known?.source === "last-seen") return shown(await askAgain(context, known));
    if (known) return shown(known);
    for (const source of sources) {
      const found = await source.find(context);
      // A dry run freezes nothing, so nothing of it may be restored one day (P5).
      if (found && context.incident.dryRun)
        return shown({ ...found, source: source.name, at: await context.ports.clock.now() });
      const taken = found ? await caps.takeSnapshot(agentId, id, found, source.name) : null;
      if (taken) return shown(taken);
    }
    // While the freeze has not landed the gateway may still show them: no receipt, so that the next attempt asks again.
    if (!(await context.ports.incidents.receipts(id)).has(freezeBudget.name))
      throw new TourniquetError("step-failed", "nobody could say the caps yet");
    return { source: "unknown", note: "Nobody saw the caps before the freeze: a person must say what to restore" };
  },
};

/**
 * Caps that were only remembered may have been changed since, by a person who saw the trouble coming too. The freeze waits for
 * nobody, so they are asked beside it: what is shown before it lands replaces them. Where nothing is frozen there is time to wait.
 */
async function askAgain(context: StepContext, known: Snapshot): Promise<Snapshot> {
  const { ports, incident } = context;
  const asked = readFromGateway(context).then(async (found) => {
    if (!found || !(await ports.caps.confirmSnapshot(incident.agentId, incident.id, found))) return;
    const isOtherMonth = found.monthlyCap !== undefined && found.monthlyCap !== known.monthlyCap;
    const isOther = found.dailyCap !== known.dailyCap || isOtherMonth;
    if (isOther) await ports.incidents.note(incident.id, "contain", "caps-changed-since-last-seen", shownCaps(found));
  });
  if (context.alongside && ports.budgetOf(incident) === "freeze") {
    context.alongside(asked);
    return known;
  }
  await asked;
  return (await ports.caps.snapshot(incident.agentId, incident.id)) ?? known;
}

/** In order of trust. A read after our own freeze shows our zero, which the snapshot refuses. */
const sources: readonly { name: Snapshot["source"]; find(context: StepContext): Promise<BudgetCaps | null> }[] = [
  { name: "gateway", find: readFromGateway },
  { name: "last-seen", find: ({ ports, incident }) => ports.caps.lastSeen(incident.agentId) },
  { name: "configured", find: async ({ ports, incident }) => configuredCaps(ports.fleetAgent(incident.agentId)) },
];

async function readFromGateway({ ports, incident, abort }: StepContext): Promise<BudgetCaps | null> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    const deadlineMs = READ_DEADLINE_MS - (performance.now() - startedAt);
    try {
      const budget = await ports.gateway.readBudget(incident.agentId, { deadlineMs, signal: abort });
      // The real gateway takes a threshold and never shows it; what the fleet's settings say is better than its default.
      const threshold = budget.alertThreshold ?? ports.fleetAgent(incident.agentId)?.caps?.alertThreshold;
      return { ...budget, alertThreshold: threshold };
    } catch (error) {
      if (tries < READ_TRIES && isTransient(error) && performance.now() - startedAt < READ_DEADLINE_MS / 2) continue;
      // The freeze comes first: whatever is wrong with this read, the next source may know.
      await ports.incidents.note(incident.id, "contain", "caps-unread", describeError(error));
      return null;
    }
  }
}

function configuredCaps(agent: ReturnType<StepContext["ports"]["fleetAgent"]>): BudgetCaps | null {
  if (!agent?.caps) return null;
  return { dailyCap: agent.caps.daily, monthlyCap: agent.caps.monthly, alertThreshold: agent.caps.alertThreshold };
}

function shown(snapshot: Snapshot): Record<string, unknown> {
  return { ...shownCaps(snapshot), source: snapshot.source, takenAt: snapshot.at };
}

function shownCaps({ dailyCap, monthlyCap, alertThreshold }: BudgetCaps): Record<string, unknown> {
  const text = (cap: Money | null | undefined) =>
    cap === undefined ? "not shown" : cap === null ? null : formatMoney(cap);
  return { dailyCap: text(dailyCap), monthlyCap: text(monthlyCap), alertThreshold: alertThreshold ?? null };
}
