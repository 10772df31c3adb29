import { request } from "undici";
import { signA2a } from "../../src/greenhelix/signature.ts";
import { SECRET } from "./product.ts";

export interface WebhookAnswer {
  status: number;
  /** Present where it was accepted. */
  eventId: string | undefined;
  durationMs: number;
}

/** Sends one webhook as the gateway signs it. Rejects only where there was no answer at all. */
export async function sendWebhook(apiUrl: string, event: Record<string, unknown>): Promise<WebhookAnswer> {
  const body = JSON.stringify(event);
  const startedAt = performance.now();
  const answer = await request(`${apiUrl}/webhooks/greenhelix`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-a2a-signature": signA2a(SECRET, body) },
    body,
  });
  const said = (await answer.body.json()) as { eventId?: string };
  return { status: answer.statusCode, eventId: said.eventId, durationMs: performance.now() - startedAt };
}

let lastId = 0;

/** An escrow that was opened, in the gateway's own form; its ids are used for nothing else. */
export function escrowOpened(escrow: { payer: string; payee: string; amount: string; atMs?: number }) {
  lastId += 1;
  const { atMs = Date.now(), payer, payee, amount } = escrow;
  return {
    id: `evt_${process.pid}_${lastId}`,
    event_type: "escrow_state_change",
    agent_id: payer,
    timestamp: atMs / 1_000,
    payload: { escrow_id: `esc-${process.pid}-${lastId}`, payer, payee, amount, status: "held" },
  };
}
