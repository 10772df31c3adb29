import { tellEndedSilences } from "./contain/silenced.ts";
import { sweepInbox, sweepIncidents } from "./contain/sweep.ts";
import { overruleTunings } from "./learn/tuning/overrule.ts";
import { auditEscalations } from "./notify/audit-escalations.ts";
import type { Services } from "./services.ts";
import { type Duty, startTicking } from "./ticking.ts";
import { containPorts } from "./work.ts";

/** The sweeper (G2): the leader of a partition keeps all of it. */
const SWEEP = { name: "ticker", leaseMs: 5_000 };
const AUDIT = { name: "escalation-audit", leaseMs: 12_000 };

/** Beside the containment workers: incidents that are due, events that were lost, and escalations that the notification worker missed. */
export function startTicker(services: Services): { stop(): void } {
  const duties: Duty[] = [
    { ...SWEEP, round: async (partition) => void (await sweepIncidents(containPorts(services), partition)) },
    {
      ...SWEEP,
      every: 5,
      async round(partition) {
        await sweepInbox(containPorts(services), partition);
        if (partition !== 0) return;
        await tellEndedSilences(services);
        await overruleTunings(services);
      },
    },
    { ...AUDIT, every: 5, round: async (partition) => void (await auditEscalations(services, partition)) },
  ];
  return startTicking(services, "ticker", duties);
}
