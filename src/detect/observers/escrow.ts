import type { EventFacts, GatewayEvent } from "../../incident/event.ts";
import { signalId } from "../../incident/signal-id.ts";
import { type Reach, usualReach, type WindowView } from "../../incident/windows.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { moneyRules } from "../rules/index.ts";
import { groups } from "../rules/rule.ts";
import { windowSignals } from "../window-signals.ts";
import type { ObservePorts, Observer } from "./observer.ts";

/** Caps seen within this time are known (C1); the same bound the incident uses when it opens. */
const CAPS_FRESH_MS = 300_000;

type EscrowFacts = Extract<EventFacts, { kind: "escrow" }>;

/** D3 to D6: an escrow that is opened, and one that ends. Whatever else becomes of it changes no window here. */
export const escrowObserver: Observer = {
  kinds: ["escrow"],
  async observe(ports, event, thresholds) {
    const { facts } = event;
    if (facts.kind !== "escrow" || facts.payer === null) return [];
    const view = await observed(ports, event, { ...facts, payer: facts.payer }, reachOf(thresholds));
    if (view === null) return [];
    if (facts.state === "held") await learnCapsEarly(ports, event, view, thresholds.escrowBurst.identicalCount);
    return windowSignals(facts.payer, view, moneyRules, thresholds);
  },
};

/** A threshold beyond what is looked at could never be reached. */
export function reachOf({ escrowBurst, payeeConcentration, cancellationRate }: Thresholds): Reach {
  const { identicalCount, minimumCount, identicalWindowMs } = escrowBurst;
  const counts = [identicalCount, minimumCount, payeeConcentration.count + 1, cancellationRate.minimumCount];
  return {
    escrows: Math.max(usualReach.escrows, ...counts),
    nearMs: Math.max(usualReach.nearMs, identicalWindowMs, payeeConcentration.windowMs),
  };
}

function observed(
  { windows }: ObservePorts,
  { id: eventId, occurredAt: at }: GatewayEvent,
  { payer, escrowId, payee, amount, state }: EscrowFacts & { payer: string },
  reach: Reach,
): Promise<WindowView> | null {
  if (state === "held")
    return windows.observeEscrow(
      payer,
      { escrowId, payee: payee ?? "(not named)", amount: amount ?? "0.00", at, eventId },
      reach,
    );
  if (state !== "settled" && state !== "refunded" && state !== "expired") return null;
  return windows.observeEnd(payer, { escrowId, payee, amount, state, at, eventId }, reach);
}

/** Half way to a burst: learn the caps now, so that the freeze, if it comes, is one round trip. */
async function learnCapsEarly(
  ports: ObservePorts,
  event: GatewayEvent,
  window: WindowView,
  identicalCount: number,
): Promise<void> {
  const run = groups(window.entries, (entry) => `${entry.payee} ${entry.amount}`)[0]?.length ?? 0;
  if (run < Math.ceil(identicalCount / 2) || window.openIncident) return;
  if (window.capsSeenAt !== null && event.receivedAt - window.capsSeenAt < CAPS_FRESH_MS) return;
  const agentId = event.agentId ?? "";
  const fiveMinutes = Math.floor(event.receivedAt / CAPS_FRESH_MS);
  await ports.dispatch.add("freeze", agentId, `caps-${signalId("budget-warning", agentId, String(fiveMinutes))}`, {
    seeCapsOf: agentId,
  });
}
