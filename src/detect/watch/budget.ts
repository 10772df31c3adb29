import type { Budget } from "../../incident/gateway.ts";
import { formatMoney } from "../../incident/money.ts";
import type { Awaited, BudgetBand } from "../../incident/watch.ts";
import { fleetAgent, thresholdsFor } from "../../settings/settings.ts";
import { type Look, nothing, type Read, type Reading } from "./read.ts";

/** D1, polled: an event when the share of the budget that is used enters another band. */
export const budget: Read = {
  name: "budget",
  pace: "every-look",
  isHolds: true,
  calls: () => 1,
  floor: 0,
  async read(look) {
    const read = await look.ports.gateway.readBudget(look.agentId, look.options);
    // A frozen budget reads 0 % used (greenhelix.md 1.4). Taken for "ok" it would make the old band news again as soon as a
    // false alarm is stood down, and a zero is nothing to restore.
    if (read.dailyCap === 0n || read.monthlyCap === 0n) return nothing;
    await remember(look, read);
    return bandChange(look, read);
  },
};

/** The freeze that may come knows the caps then, and is one round trip (C1). */
async function remember({ ports, agentId }: Look, read: Budget): Promise<void> {
  const alertThreshold = read.alertThreshold ?? fleetAgent(ports.settings, agentId)?.caps?.alertThreshold;
  await ports.caps.see(agentId, { ...read, alertThreshold });
}

function bandChange(look: Look, { utilizationPct, dailyCap, dailySpend }: Budget): Reading {
  const { memory, agentId } = look;
  const band = bandOf(look, utilizationPct);
  if (band === memory.band) return nothing;
  const bandChanges = memory.bandChanges + 1;
  const payload = {
    utilization_pct: utilizationPct,
    ...(dailyCap !== null && { daily_limit: formatMoney(dailyCap) }),
    ...(dailySpend !== undefined && { daily_spent: formatMoney(dailySpend) }),
  };
  return {
    found: [{ type: "budget_threshold", agentId, id: `band-${bandChanges}-${band}`, at: null, payload }],
    remember: { band, bandChanges, awaited: [...memory.awaited, ...awaited(look, band)] },
  };
}

function bandOf({ ports, agentId }: Look, utilizationPct: number): BudgetBand {
  const thresholds = thresholdsFor(ports.settings, agentId);
  if (utilizationPct >= thresholds.budgetExhaustionPct) return "exhausted";
  return utilizationPct >= thresholds.budgetWarningPct ? "warning" : "ok";
}

/** Where the gateway's own threshold lies it does not show, so only of a used-up budget it must have told at some time. */
function awaited({ webhooks, now }: Look, band: BudgetBand): readonly Awaited[] {
  const tells = webhooks?.eventTypes.some((type) => type === "budget_threshold" || type === "*");
  return tells && band === "exhausted" ? [{ what: "budget", since: now }] : [];
}
