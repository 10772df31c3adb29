import type { Gateway, WebhookRegistration } from "../incident/gateway.ts";
import type { Clock } from "../incident/ports.ts";
import type { FleetWatch } from "../incident/watch.ts";

/** What the gateway's test ping showed of one webhook. */
export interface Proof {
  webhookId: string;
  eventTypes: readonly string[];
  /** The gateway's word for it; it says so of whoever answers at the address. */
  delivered: boolean;
  responseCode: number | null;
  /** From asking for the ping until our own intake had checked its signature and stored it; null: that never happened. */
  verifiedMs: number | null;
  fault: Fault | null;
  /** What is wrong, and how to mend it; null: proved. */
  problem: string | null;
}

export type Fault = "not-asked" | "not-ours" | "wrong-secret" | "refused" | "unreachable";

export interface ProofPorts {
  gateway: Pick<Gateway, "testWebhook">;
  fleetWatch: Pick<FleetWatch, "pingedAt">;
  clock: Clock;
  ownAgentId: string;
}

/** The gateway pings before it answers, and our intake stores before it does: what is not there soon after will not come. */
const ARRIVES_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** The ping names its webhook, so that no other one's is taken for it. Nothing is changed by it but a row in the gateway's deliveries. */
export async function prove(
  { gateway, fleetWatch, clock, ownAgentId }: ProofPorts,
  { id, eventTypes }: Pick<WebhookRegistration, "id" | "eventTypes">,
): Promise<Proof> {
  const askedAt = await clock.now();
  const asked = await gateway.testWebhook(ownAgentId, id, { deadlineMs: PING_DEADLINE_MS });
  const said = asked.outcome === "done" ? asked.value : { delivered: false, responseCode: undefined };
  const refusal = asked.outcome === "done" ? null : asked.error.message;
  let arrivedAt = await fleetWatch.pingedAt(id);
  for (
    let waitedMs = 0;
    said.delivered && arrivedAt < askedAt && waitedMs < ARRIVES_WITHIN_MS;
    waitedMs += LOOK_EVERY_MS
  ) {
    await clock.wait(LOOK_EVERY_MS);
    arrivedAt = await fleetWatch.pingedAt(id);
  }
  const verifiedMs = arrivedAt >= askedAt ? arrivedAt - askedAt : null;
  const code = said.responseCode ?? null;
  const fault = verifiedMs !== null ? null : faultOf(said.delivered, code, refusal);
  const problem = fault && `${id}: ${sentences[fault](code, refusal)}`;
  return { webhookId: id, eventTypes, delivered: said.delivered, responseCode: code, verifiedMs, fault, problem };
}

/** The gateway waits up to 10 s for the receiver (greenhelix.md 2.4). */
const PING_DEADLINE_MS = 12_000;

function faultOf(delivered: boolean, code: number | null, refusal: string | null): Fault {
  if (refusal !== null) return "not-asked";
  if (delivered) return "not-ours";
  if (code === 401) return "wrong-secret";
  return code === null ? "unreachable" : "refused";
}

const sentences: Readonly<Record<Fault, (code: number | null, refusal: string | null) => string>> = {
  "not-asked": (_, refusal) => `the gateway could not be asked for its test ping: ${refusal}`,
  "not-ours": () =>
    "the gateway delivered its test ping, and it never reached this product: another one answers at the address, or one that works on another Redis",
  "wrong-secret": () =>
    "the receiver refuses its signature (401): the API must run with the same GREENHELIX_WEBHOOK_SECRETS as this terminal has",
  refused: (code) =>
    `the receiver answered its test ping with ${code}: see what stands in front of the API, and its log`,
  unreachable: () =>
    "the gateway could not reach the address: the API must run and be reachable from there by https, with a certificate that is valid",
};
