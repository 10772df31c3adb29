import type { GatewayEvent } from "../../incident/event.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { WindowView } from "../../incident/windows.ts";
import { escrowRules } from "../rules/index.ts";
import { groups } from "../rules/rule.ts";
import { windowSignals } from "../window-signals.ts";
import type { ObservePorts, Observer } from "./observer.ts";

/** Caps seen within this time are known (C1); the same bound the incident uses when it opens. */
const CAPS_FRESH_MS = 300_000;

/** D4, D5: only an escrow that is open counts, once; later news about it changes no window here. */
export const escrowObserver: Observer = {
  kinds: ["escrow"],
  async observe(ports, event, thresholds) {
    const { facts } = event;
    if (facts.kind !== "escrow" || facts.state !== "held" || facts.payer === null) return [];
    const agentId = facts.payer;
    const window = await ports.windows.observeEscrow(agentId, {
      escrowId: facts.escrowId,
      payee: facts.payee ?? "(not named)",
      amount: facts.amount ?? "0.00",
      at: event.occurredAt,
      eventId: event.id,
    });
    await learnCapsEarly(ports, event, window, thresholds.escrowBurst.identicalCount);
    return windowSignals(agentId, window, escrowRules, thresholds);
  },
};

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
