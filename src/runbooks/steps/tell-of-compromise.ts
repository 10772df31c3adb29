import type { Step, StepContext } from "../runbook.ts";

/** appends, under fixed names: people and the bus hear once that this agent may be somebody else (RB3). */
export const tellOfCompromise: Step = {
  name: "tell-of-compromise",
  effect: "appends",
  urgent: false,
  lane: "evidence",
  async run(context) {
    await tell(context);
    return { told: what };
  },
};

const what = "identity-compromise-suspected";

/** The bus is world readable: its payload is ids and times (notify/announcement.ts). In a dry run nothing is published (P5). */
export async function tell({ ports, incident }: StepContext): Promise<void> {
  const data = { agentId: incident.agentId, incidentId: incident.id, signalId: null, what } as const;
  const job = (kind: "page" | "publish") =>
    ports.dispatch.add("notification", incident.agentId, `${kind}-${incident.id}-${what}`, { ...data, kind });
  await Promise.all([job("page"), incident.dryRun ? null : job("publish")]);
}
