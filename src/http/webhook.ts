import { type AdmitPorts, admit } from "../detect/admit.ts";
import { createReceiver, type ReceiverPorts } from "./receiver.ts";

export type WebhookPorts = ReceiverPorts & AdmitPorts;

/** Takes one webhook of the gateway: stored, then 202 with its event id. */
export function createWebhookHandler(ports: WebhookPorts): ReturnType<typeof createReceiver> {
  return createReceiver(ports, async (arrival) => {
    const admission = await admit(ports, { ...arrival, source: "webhook" });
    if ("mistakes" in admission) return admission;
    ports.tracing?.note({ "tourniquet.event_id": admission.eventId, "tourniquet.answer": admission.answer });
    return { body: receipt(admission) };
  });
}

/** The answer to a single event, whichever address took it. Written by hand: this is paid by every webhook. */
export function receipt({ answer, eventId }: { answer: string; eventId: string }): string {
  return `{"eventId":"${eventId}","status":"${answer}"}`;
}
