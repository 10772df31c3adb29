import type { Channel, Escalations, LevelRef } from "../incident/escalation.ts";
import type { Dispatch, JobData } from "../incident/jobs.ts";
import type { Incidents } from "../incident/ports.ts";

type SendJob = Extract<JobData["notification"], { kind: "send" }>;

export interface HandOnPorts {
  escalations: Pick<Escalations, "cover" | "leave">;
  incidents: Pick<Incidents, "load">;
  dispatch: Dispatch;
}

/** One channel of a level. Its id is fixed: however often somebody asks for it, it is told once. */
export function addLevelSend(
  { dispatch }: Pick<HandOnPorts, "dispatch">,
  agentId: string,
  { incidentId, priority, level }: LevelRef,
  to: { channel: Channel | "log"; at: number | undefined; others: readonly Channel[] | undefined },
): Promise<void> {
  const { channel, at, others = [] } = to;
  const about = { agentId, incidentId, signalId: null, what: "escalated", escalation: { priority, level } } as const;
  const job = { ...about, kind: "send", channel, others, ...(at !== undefined && { at }) } as const;
  return dispatch.add("notification", incidentId, `escalated-${incidentId}-${priority}-${level}-${channel}`, job);
}

/**
 * Somebody took this incident on, or it is over, before this channel could be told of its level. Others of its group count on
 * that message: the first of them that nobody has is told of in its place, and covers the rest. False: nobody waits for it.
 */
export async function handOn(
  ports: HandOnPorts,
  { incidentId, escalation, channel, at, others }: SendJob,
): Promise<boolean> {
  if (escalation === undefined || incidentId === null) return false;
  const covered = await ports.escalations.leave({ incidentId, ...escalation });
  for (const [index, one] of covered.entries()) {
    const incident = await ports.incidents.load(one);
    if (!incident || incident.acknowledged !== null || incident.closedAt !== null) continue;
    const level = { incidentId: one, ...escalation };
    if ((await ports.escalations.cover(level, covered.slice(index + 1), "handed")) !== "covered") continue;
    await addLevelSend(ports, incident.agentId, level, { channel, at, others });
    return true;
  }
  return false;
}
