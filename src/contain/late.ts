import { ACT_MS } from "../incident/deadline.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Signal, SignalKind } from "../incident/signal.ts";

export interface LatePorts {
  gateway: Pick<Gateway, "readBudget" | "listEscrows">;
}

/** guarantees.md section 8: older than ACT_MS, only if a live read confirms it; older than 24 h, record. */
const RECORD_ONLY_MS = 24 * 3_600_000;

/** What an agent was told, did or is: no escrow and no budget shows whether that is over. */
const notAboutMoney: readonly SignalKind[] = [
  "identity-compromise",
  "reputation-drift",
  "tool-call-burst",
  "suspicious-tool-sequence",
  "data-exfiltration",
  "error-spike",
];

/** Whether a signal still holds; now is Redis time in milliseconds. What is fresh is believed; what is late is checked against the gateway as it is now. */
export async function confirmLate(
  ports: LatePorts,
  signal: Signal,
  now: number,
  abort: AbortSignal,
): Promise<{ verdict: "act" | "stale"; reason: string }> {
  const ageMs = now - signal.occurredAt;
  if (ageMs <= ACT_MS) return { verdict: "act", reason: "fresh" };
  if (ageMs > RECORD_ONLY_MS) return { verdict: "stale", reason: "older than 24 h" };
  if (notAboutMoney.includes(signal.kind))
    return { verdict: "act", reason: "late, and nothing at the gateway could refute it" };
  const holds =
    signal.kind === "budget-exhaustion"
      ? await budgetHolds(ports, signal, abort)
      : await escrowsHold(ports, signal, abort);
  return holds
    ? { verdict: "act", reason: "late, and the gateway still shows it" }
    : { verdict: "stale", reason: "late, and the gateway no longer shows it" };
}

async function budgetHolds(ports: LatePorts, signal: Signal, abort: AbortSignal): Promise<boolean> {
  const budget = await ports.gateway.readBudget(signal.agentId, { signal: abort });
  return budget.utilizationPct >= Number(signal.why.thresholds.utilizationPct ?? 95);
}

/** Money still locked with the suspect: cancelling what is left is still worth it. */
async function escrowsHold(ports: LatePorts, signal: Signal, abort: AbortSignal): Promise<boolean> {
  for await (const page of ports.gateway.listEscrows(signal.agentId, { held: true }, { signal: abort })) {
    const mine = page.filter((escrow) => escrow.payer === signal.agentId && escrow.state === "held");
    if (mine.some((escrow) => signal.suspectPayee === null || escrow.payee === signal.suspectPayee)) return true;
  }
  return false;
}
