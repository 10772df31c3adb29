import { randomBytes, randomInt } from "node:crypto";
import { signA2a } from "../../src/greenhelix/signature.ts";

export const SECRET = "benchmark-secret-of-32-characters";
const PATH = "/webhooks/greenhelix";
const AGENTS = 200;
const PAYEES = 2_000;

/** One signed webhook as bytes on the wire, made before the clock starts. */
export function httpRequest(body: string): Buffer {
  const head =
    `POST ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
    `X-A2A-Signature: ${signA2a(SECRET, body)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/**
 * Escrow events of about 400 bytes, each with an id of its own, over 200 agents. Amounts and payees vary so much that no
 * rule concludes anything: this is the busy hour of a healthy fleet.
 */
export function escrowEvents(count: number): Buffer[] {
  const run = randomBytes(6).toString("hex");
  const timestamp = Date.now() / 1000;
  return Array.from({ length: count }, (_, index) => httpRequest(escrowEvent(run, index, timestamp)));
}

function escrowEvent(run: string, index: number, timestamp: number): string {
  const serial = `${run}${index.toString(16).padStart(12, "0")}`;
  const payer = `agent-${index % AGENTS}`;
  return JSON.stringify({
    id: `evt_${serial}`,
    event_type: "escrow_state_change",
    agent_id: payer,
    timestamp,
    payload: {
      escrow_id: `esc-${serial}`,
      payer,
      payee: `service-${randomInt(PAYEES)}`,
      amount: `${randomInt(1, 400)}.${String(randomInt(100)).padStart(2, "0")}`,
      currency: "CREDITS",
      previous_status: "pending",
      status: "held",
      timeout_hours: 24,
      description: "quarterly market data, one region, delivered daily until cancelled",
      reference: `po-${serial}`,
    },
  });
}

/** An event that alone calls for containment. */
export function exhaustedBudget(agentId: string): Buffer {
  return httpRequest(
    JSON.stringify({
      id: `evt_${randomBytes(12).toString("hex")}`,
      event_type: "budget_threshold",
      agent_id: agentId,
      timestamp: Date.now() / 1000,
      payload: { utilization_pct: 99.2, daily_spend: "496.00", daily_cap: "500.00" },
    }),
  );
}
