import { randomBytes } from "node:crypto";
import { Agent, fetch } from "undici";
import { signA2a, signStandard } from "../greenhelix/signature.ts";
import { pythonJson, seconds } from "./presentation.ts";
import type { DeliverySettings } from "./settings.ts";
import type { DeliveryRow, WebhookBook, WebhookRow } from "./webhook-book.ts";

/**
 * Carries events to webhooks. The real gateway of today never does (greenhelix.md section 2.1: only the test ping leaves
 * it); this one does, because the product is asked for with webhooks. Delivery can be switched off to live like the real one.
 */
export interface Courier {
  announce(eventType: string, agentId: string, payload: Record<string, unknown>): void;
  /** The test ping: one attempt, awaited. */
  ping(webhook: WebhookRow): Promise<DeliveryRow>;
  close(): Promise<void>;
}

export interface CourierParts {
  book: WebhookBook;
  settings: () => DeliverySettings;
  now: () => number;
  random: () => number;
}

/** How many deliveries are on the wire at once (the real one's number). */
const CONCURRENT = 10;

/** The parts and what one courier holds open. */
interface Rounds extends CourierParts {
  dispatcher: Agent;
  closing: AbortController;
  slots: Slots;
}

export function createCourier(parts: CourierParts): Courier {
  const rounds: Rounds = {
    ...parts,
    dispatcher: new Agent({ connections: CONCURRENT }),
    closing: new AbortController(),
    slots: createSlots(CONCURRENT),
  };
  return {
    announce: (eventType, agentId, payload) => announce(rounds, eventType, agentId, payload),
    ping: (webhook) => ping(rounds, webhook),
    async close() {
      rounds.closing.abort();
      await rounds.dispatcher.destroy();
    },
  };
}

function announce(rounds: Rounds, eventType: string, agentId: string, payload: Record<string, unknown>): void {
  const { isEnabled, types, duplicates } = rounds.settings();
  if (!isEnabled || (types !== null && !types.includes(eventType))) return;
  const eventId = `evt_${randomBytes(12).toString("hex")}`;
  const event = { id: eventId, event_type: eventType, agent_id: agentId, timestamp: seconds(rounds.now()), payload };
  const body = pythonJson(event);
  for (const webhook of rounds.book.matching(eventType, event)) {
    for (let copy = 0; copy <= duplicates; copy += 1) void deliver(rounds, webhook, { eventType, eventId, body });
  }
}

/** A ping that fails stays pending for ever: nothing in the real gateway takes it up again. */
async function ping(rounds: Rounds, webhook: WebhookRow): Promise<DeliveryRow> {
  const message = "Test ping from A2A gateway";
  const event = { type: "test.ping", webhook_id: webhook.id, timestamp: seconds(rounds.now()), message };
  const delivery = rounds.book.openDelivery(webhook, "test.ping", pythonJson(event));
  await attempt(rounds, webhook, delivery, `msg_${randomBytes(12).toString("hex")}`);
  return delivery;
}

async function deliver(
  rounds: Rounds,
  webhook: WebhookRow,
  event: { eventType: string; eventId: string; body: string },
): Promise<void> {
  const { book, settings, now, random, closing } = rounds;
  const delivery = book.openDelivery(webhook, event.eventType, event.body);
  const heldBackMs = firstWait(settings(), random);
  for (const [index, delayMs] of settings().attemptDelaysMs.entries()) {
    const waitMs = delayMs + (index === 0 ? heldBackMs : 0);
    delivery.nextRetryAtMs = now() + waitMs;
    if (!(await wait(waitMs, closing.signal)) || !webhook.isActive) return;
    delivery.nextRetryAtMs = null;
    await attempt(rounds, webhook, delivery, event.eventId);
    if (delivery.status === "delivered") return;
  }
  delivery.status = "failed";
}

async function attempt(rounds: Rounds, webhook: WebhookRow, delivery: DeliveryRow, eventId: string): Promise<void> {
  const { settings, now, closing, slots, dispatcher } = rounds;
  await slots.take();
  try {
    delivery.attempts += 1;
    delivery.lastAttemptAtMs = now();
    const { body } = delivery;
    const headers = { "Content-Type": "application/json", ...signed(webhook, eventId, body, now()) };
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(settings().timeoutMs)]);
    const answer = await fetch(webhook.url, { method: "POST", body, headers, redirect: "manual", signal, dispatcher });
    delivery.responseCode = answer.status;
    delivery.responseBody = await answer.text();
    if (answer.ok) delivery.status = "delivered";
  } catch (error) {
    // A receiver that is not there is an ordinary outcome of a delivery, kept where the owner can read it.
    delivery.responseBody = String(error);
  } finally {
    slots.give();
  }
}

function signed(webhook: WebhookRow, eventId: string, body: string, nowMs: number): Record<string, string> {
  if (webhook.scheme === "a2a") return { "X-A2A-Signature": signA2a(webhook.secret, body) };
  const timestampSec = Math.floor(nowMs / 1000);
  return {
    "webhook-id": eventId,
    "webhook-timestamp": String(timestampSec),
    "webhook-signature": signStandard(webhook.secret, eventId, timestampSec, body),
  };
}

/** Shuffled copies spread over at least 200 ms, else two of them could not change places. */
function firstWait({ delayMs, isShuffled }: DeliverySettings, random: () => number): number {
  return isShuffled ? Math.floor(random() * Math.max(delayMs, 200)) : delayMs;
}

/** False if the sandbox closed meanwhile. */
function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  if (ms <= 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

interface Slots {
  take(): Promise<void>;
  give(): void;
}

function createSlots(count: number): Slots {
  const waiting: Array<() => void> = [];
  let free = count;
  return {
    take() {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
