import { TourniquetError } from "../errors.ts";
import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { advance } from "./advance.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { Looked } from "./look.ts";
import type { RecoverPorts } from "./ports.ts";
import { writeRung } from "./write-rung.ts";

/**
 * Writes the rung that is pending. Where the gateway does not take it people are told after the first try, once, while the queue
 * goes on trying: the agent may be free with a cap of 0 until somebody helps.
 */
export async function tryRung(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<Looked> {
  try {
    return await writeRung(ports, incident, recovery, abort);
  } catch (error) {
    abort.throwIfAborted();
    if (recovery.failing === null && isTheGateways(error)) await tell(ports, incident, recovery, error.message);
    throw error;
  }
}

/** Not what waits for another request of ours, nor what Redis does. */
function isTheGateways(error: unknown): error is TourniquetError {
  return error instanceof TourniquetError && (error.detail.notTaken === true || error.code.startsWith("gateway-"));
}

async function tell(ports: RecoverPorts, incident: Incident, recovery: KeptRecovery, failing: string): Promise<void> {
  const { pending, stepBacks, rungs } = recovery;
  const page = { jobId: `page-${incident.id}-rung-failing-${pending}-${stepBacks}`, what: "rung-failing" } as const;
  const entry = { what: "rung-failing", detail: { percent: rungs[pending ?? 0]?.percent ?? null, why: failing } };
  await advance(ports, incident, recovery, { failing, page }, entry);
}

/**
 * Between two tries somebody may raise the caps. What was sent may have landed without an answer, so nothing up to the higher of
 * the two rungs is anybody else's.
 */
export function driftMeanwhile(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<Drift> {
  const { rung, pending } = recovery;
  return driftOf(ports, incident, recovery, Math.max(rung ?? 0, pending ?? 0), abort);
}
