import type { IncidentView } from "../incident/incident.ts";
import { addMoney, formatMoney, type Money, money, zero } from "../incident/money.ts";
import { call } from "../sandbox/call.ts";
import { loopOf, type Played } from "../sandbox/play.ts";
import type { Scenario } from "../sandbox/scenarios/scenario.ts";

/** What a played scenario came to. Amounts are decimal strings; money is counted at the gateway, not in our own records. */
export interface Score {
  scenario: string;
  escrowsAttempted: number;
  escrowsCreated: number;
  /** How many escrows the loop had opened when the freeze took effect; null if it never did. */
  frozenAtEscrow: number | null;
  /** Everything the agent had put in escrow by then, what we had begun to take back included. */
  lockedAtFreeze: string;
  recovered: string;
  lost: string;
  webhookToFreezeMs: number | null;
  contained: boolean;
  incidents: number;
}

interface Effect {
  seq: number;
  effect: string;
  agentId?: string;
  escrowId?: string;
  amount?: string;
  caps?: { daily: string | null; monthly: string | null };
}

/** Reads the gateway's own effect log: every dollar is followed there, refunds that came twice included. */
export async function scoreOf(
  sandboxUrl: string,
  scenario: Scenario,
  played: Played,
  incidents: readonly IncidentView[],
): Promise<Score> {
  const { payer } = loopOf(scenario);
  const { body } = await call(sandboxUrl, "GET", `/_sandbox/effects?agentId=${payer}`, undefined, "");
  const effects = (body as { effects: Effect[] }).effects;
  const of = (name: string) => effects.filter(({ effect }) => effect === name);
  const freeze = of("budget.set").find(({ caps }) => caps?.daily === "0.00" && caps.monthly === "0.00");
  const looped = of("escrow.created").slice(-played.created || undefined);
  const before = (effect: Effect) => freeze === undefined || effect.seq < freeze.seq;
  const created = sum(of("escrow.created"));
  const refunded = sum(of("escrow.refunded"));
  const incident = incidents.find(({ agentId }) => agentId === payer);
  const lost = (created - refunded) as Money;
  const doubled = of("escrow.refunded").length !== new Set(of("escrow.refunded").map(({ escrowId }) => escrowId)).size;
  return {
    scenario: scenario.name,
    escrowsAttempted: played.attempted,
    escrowsCreated: played.created,
    frozenAtEscrow: freeze ? looped.filter(before).length : null,
    lockedAtFreeze: formatMoney(sum(of("escrow.created").filter(before))),
    recovered: formatMoney(refunded),
    lost: formatMoney(lost),
    webhookToFreezeMs: incident?.effectiveAt ? incident.effectiveAt - incident.receivedAt : null,
    contained: incident?.status === "contained" && freeze !== undefined && lost === zero && !doubled,
    incidents: incidents.length,
  };
}

const sum = (effects: readonly Effect[]): Money => addMoney(...effects.map(({ amount }) => money(amount ?? "0")));

/** The score as a person reads it. */
export function scoreLines(score: Score): string {
  const ms =
    score.webhookToFreezeMs === null ? "never" : `${score.webhookToFreezeMs} ms after the webhook that gave it away`;
  return [
    score.contained ? "  STOPPED. Every dollar is back." : "  NOT STOPPED, or money is missing.",
    "",
    `  escrows attempted    ${score.escrowsAttempted}`,
    `  escrows opened       ${score.escrowsCreated}   (unprotected: ${score.escrowsAttempted})`,
    `  frozen at escrow     ${score.frozenAtEscrow ?? "never"}`,
    `  freeze took effect   ${ms}`,
    `  locked at the freeze ${score.lockedAtFreeze}`,
    `  recovered            ${score.recovered}`,
    `  lost                 ${score.lost}`,
    `  incidents            ${score.incidents}`,
  ].join("\n");
}
