import { describeError, TourniquetError } from "../errors.ts";
import type { EscrowRecord } from "../incident/incident.ts";
import { formatMoney } from "../incident/money.ts";
import { PROOF_DEADLINE_MS, type Runbook, type StepContext } from "./runbook.ts";
import { inScope } from "./take-back.ts";

/**
 * What a dry run (P5) would have taken back: one pass over every page, reads only. What is held no more went its own way and is
 * counted neither as taken back nor as lost: nobody did anything about it. A gateway that is away leaves it uncounted until the next look.
 */
export async function countHeld(context: StepContext, scope: Runbook["escrows"]): Promise<"counted" | "not-counted"> {
  const { ports, incident, signals, abort } = context;
  if (scope === "none") return "not-counted";
  const suspects = new Set(signals.map(({ suspectPayee }) => suspectPayee).filter((payee) => payee !== null));
  const known = await ports.incidents.escrows(incident.id);
  const held = new Map<string, EscrowRecord>();
  try {
    const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
    for await (const page of ports.gateway.listEscrows(incident.agentId, { held: true }, options))
      for (const escrow of page) {
        if (escrow.payer !== incident.agentId || escrow.state !== "held" || !inScope(escrow, scope, suspects)) continue;
        const { id: escrowId, payee, amount } = escrow;
        const reason = "held; nothing is done about it in a dry run";
        held.set(escrowId, { escrowId, payee, amount: formatMoney(amount), result: "held", reason });
      }
  } catch (error) {
    abort.throwIfAborted();
    if (!isOfGateway(error)) throw error;
    ports.log.warn(
      { incidentId: incident.id, agentId: incident.agentId, ...describeError(error) },
      "dry-run.not-counted",
    );
    return "not-counted";
  }
  const isNews = ({ escrowId }: EscrowRecord) => known.get(escrowId)?.result !== "held";
  const gone = [...known.values()].filter(({ escrowId, result }) => result === "held" && !held.has(escrowId));
  await ports.incidents.recordEscrows(incident.id, [
    ...[...held.values()].filter(isNews),
    ...gone.map((one): EscrowRecord => ({ ...one, result: "skipped", reason: "held no more, by no doing of ours" })),
  ]);
  if (incident.escrowsCountedAt === null) await ports.incidents.stamp(incident.id, "escrowsCountedAt");
  return "counted";
}

/** Whatever is wrong with it, everything else about a dry run is still to be recorded. */
function isOfGateway(error: unknown): boolean {
  return error instanceof TourniquetError && (error.code.startsWith("gateway-") || error.code === "not-found");
}
