import { MISSED_AFTER_MS } from "../incident/escalation.ts";
import { addEscalateJob, type EscalatePorts, MOST_AT_ONCE } from "./escalate.ts";

const ALOUD_EVERY_MS = 60_000;

/**
 * Looks, in another process than the one that escalates, for levels that nobody told in time (N2): says so in the log, once a
 * minute until it is told, acknowledged or over, notes it once in the incident, and sees to it itself. Its job counts the level
 * by the same script as the one that is missing, so it is told once, whoever comes first.
 */
export async function auditEscalations(
  ports: Pick<EscalatePorts, "escalations" | "dispatch" | "log">,
  partition: number,
): Promise<number> {
  const missed = await ports.escalations.due(partition, MISSED_AFTER_MS, MOST_AT_ONCE);
  for (const { agentId, ...level } of missed) {
    if (await ports.escalations.miss(level, MISSED_AFTER_MS, ALOUD_EVERY_MS))
      ports.log.error({ agentId, ...level, lateForMs: MISSED_AFTER_MS }, "escalation.missed");
    await addEscalateJob(ports, "audited", agentId, level);
  }
  return missed.length;
}
