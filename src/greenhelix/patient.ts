import { setTimeout as after } from "node:timers/promises";
import { isTransient, TourniquetError } from "../errors.ts";
import type { CallOptions, Gateway, Outcome } from "../incident/gateway.ts";

/** Many calls of the real gateway take 5.2 s (greenhelix.md): who sets up has the time, and nobody who asks again for him. */
export const SETUP_DEADLINE_MS = 10_000;
const TRIES = 3;
/** Where the gateway does not say when, and the longest that it is believed. */
const WAIT_MS = { usual: 500, most: 3_000 } as const;

/**
 * The gateway for a command that sets up or checks: what changes nothing is asked again when the answer was of the moment (503,
 * 429, late). The cancel is there for the key check, of an escrow that never was.
 */
export function patient<G extends Gateway>(gateway: G): G {
  const longer = (options?: CallOptions): CallOptions => ({ deadlineMs: SETUP_DEADLINE_MS, ...options });
  const calls: Pick<Gateway, "readBalance" | "readBudget" | "listWebhooks" | "cancelEscrow"> = {
    readBalance: (agentId, options) => patiently(() => gateway.readBalance(agentId, longer(options))),
    readBudget: (agentId, options) => patiently(() => gateway.readBudget(agentId, longer(options))),
    listWebhooks: (agentId, options) => patiently(() => gateway.listWebhooks(agentId, longer(options))),
    cancelEscrow: (agentId, escrowId, reason, actionKey, options) =>
      answered(() => gateway.cancelEscrow(agentId, escrowId, reason, actionKey, longer(options))),
  };
  return Object.assign(Object.create(gateway) as G, calls);
}

/** Asks up to three times, as long as the answer is of the moment; for what changes nothing. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tried === TRIES || !isTransient(error)) throw error;
      await after(waitMs(error));
    }
  }
}

async function answered<T>(ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  for (let tried = 1; ; tried += 1) {
    const outcome = await ask();
    if (tried === TRIES || outcome.outcome === "done" || !isTransient(outcome.error)) return outcome;
    await after(waitMs(outcome.error));
  }
}

function waitMs(error: unknown): number {
  const said = error instanceof TourniquetError ? error.detail.retryAfterMs : undefined;
  return Math.min(typeof said === "number" ? said : WAIT_MS.usual, WAIT_MS.most);
}
