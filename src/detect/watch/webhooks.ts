import { describeError, TourniquetError } from "../../errors.ts";
import type { WebhookRegistration } from "../../incident/gateway.ts";
import type { WatchJob } from "../../incident/watch.ts";
import { isIntake } from "../../incident/webhook-address.ts";
import { RESPONDER, reportFailure } from "./failure.ts";
import type { WatchPorts } from "./ports.ts";

/**
 * I8: the gateway is asked for its test ping, and a look is booked at whether it arrived in our own intake: "delivered" alone
 * may mean another one's. Nothing of ours registered is a blind spot that is told, with how to mend it.
 */
export async function proveWebhooks(ports: WatchPorts, abort: AbortSignal): Promise<Record<string, unknown>> {
  const now = await ports.clock.now();
  const options = { signal: abort };
  try {
    await ports.pace.turn(ports.ownAgentId, { urgent: false, signal: abort });
    const ours = (await ports.gateway.listWebhooks(ports.ownAgentId, options)).filter(isOurs);
    const eventTypes = [...new Set(ours.flatMap((webhook) => webhook.eventTypes))];
    await ports.fleetWatch.seeWebhooks(ours.length === 0 ? null : { registeredSince: now, eventTypes });
    const [first] = ours;
    if (first === undefined) {
      await reportUnregistered(ports, now);
      return { answer: "none-registered" };
    }
    const { outcome } = await ports.gateway.testWebhook(ports.ownAgentId, first.id, options);
    const data = { look: "ping", askedAt: now, webhookId: first.id } as const;
    await ports.dispatch.add("watch", "", `ping-${now}`, data, { delayMs: ports.settings.watch.webhookGraceMs });
    return { answer: "asked", webhookId: first.id, outcome };
  } catch (error) {
    abort.throwIfAborted();
    if (!(error instanceof TourniquetError) || error.code.startsWith("redis-")) throw error;
    // A gateway that lists no webhooks proves none; whether they come is seen by what polling finds untold.
    if (error.code === "not-found") return { answer: "not-shown" };
    const { code, message } = describeError(error);
    const sentence = `Whether our webhook is registered and answers could not be asked. ${message}`;
    await reportFailure(ports, { agentId: RESPONDER, check: "webhooks", sentence, observed: { code }, at: now });
    return { answer: "failed", code };
  }
}

/** Booked by proveWebhooks, a grace later. */
export async function checkPing(
  ports: WatchPorts,
  { askedAt, webhookId }: Extract<WatchJob, { look: "ping" }>,
): Promise<Record<string, unknown>> {
  const arrivedAt = await ports.fleetWatch.pingedAt(webhookId);
  if (arrivedAt >= askedAt) return { answer: "arrived", afterMs: arrivedAt - askedAt };
  const { webhookGraceMs } = ports.settings.watch;
  await reportFailure(ports, {
    agentId: RESPONDER,
    check: "ping",
    sentence: `The gateway's test ping for webhook ${webhookId} did not arrive within ${webhookGraceMs} ms: its address, what stands in front of the API, or the secret is wrong. Until that is mended only polling sees what happens.`,
    observed: { webhookId, lastPingAt: arrivedAt },
    thresholds: { webhookGraceMs },
    at: await ports.clock.now(),
  });
  return { answer: "not-arrived" };
}

function isOurs({ url, active }: WebhookRegistration): boolean {
  return active && isIntake(url);
}

function reportUnregistered(ports: WatchPorts, at: number): Promise<void> {
  return reportFailure(ports, {
    agentId: RESPONDER,
    check: "webhooks",
    sentence:
      "No webhook of ours is registered at the gateway: only polling sees what happens. Register it: npx tourniquet register --url https://<your host>/webhooks/greenhelix",
    observed: { registered: 0 },
    at,
  });
}
