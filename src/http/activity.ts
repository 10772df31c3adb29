import type { AdmitPorts } from "../detect/admit.ts";
import { admitActivity } from "../detect/admit-activity.ts";
import { createReceiver, type ReceiverPorts } from "./receiver.ts";
import { receipt } from "./webhook.ts";

export type ActivityPorts = ReceiverPorts & AdmitPorts;

/** Takes what an agent's own system tells of it, one entry or a batch (mission I6): all stored, then 202; or none. */
export function createActivityHandler(ports: ActivityPorts): ReturnType<typeof createReceiver> {
  return createReceiver(ports, async (arrival) => {
    const admission = await admitActivity(ports, arrival);
    if ("mistakes" in admission) return admission;
    const { isBatch, entries } = admission;
    if (!isBatch) return { body: receipt(entries[0]!) };
    const duplicates = entries.filter(({ answer }) => answer === "duplicate").length;
    return {
      body: JSON.stringify({
        accepted: entries.length - duplicates,
        duplicates,
        eventIds: entries.map(({ eventId }) => eventId),
      }),
    };
  });
}
