import { randomUUID } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, Gateway } from "../incident/gateway.ts";
import type { Actions } from "../incident/ports.ts";
import type { Settings } from "../settings/settings.ts";

export interface PublishOncePorts {
  actions: Actions;
  gateway: Pick<Gateway, "publishEvent">;
  settings: Pick<Settings, "gateway">;
}

/** What goes out, for whom, and the name under which it went out once. */
export interface Announcement {
  /** Whose key publishes. */
  agentId: string;
  eventType: string;
  payload: Record<string, unknown>;
  action: ActionKey;
  /** Whose partition keeps the claim: the same at every replay, whatever was found out since. */
  keptWith: string;
  incidentId?: string;
}

/**
 * Publishes it, unless that was done before: the bus forgets after a day, and a replay much later must not say it
 * again (G14). What may or may not have gone out is sent again: an announcement is read twice without harm. Throws where it
 * is not out: the queue tries again, unless the gateway refused it for good.
 */
export async function publishOnce(
  { actions, gateway, settings }: PublishOncePorts,
  { agentId, eventType, payload, action, keptWith, incidentId }: Announcement,
): Promise<"published" | "published-before"> {
  const { deadlineMs } = settings.gateway;
  const claim = await actions.claim(keptWith, action, randomUUID(), deadlineMs + 1_000, 0, incidentId);
  if (claim.answer === "done") return "published-before";
  if (claim.answer === "busy")
    throw new TourniquetError("step-failed", `${eventType} is being published by somebody else; looking again`);
  const outcome = await gateway.publishEvent(agentId, eventType, payload, action, { deadlineMs });
  const isOut = outcome.outcome === "done";
  await actions.finish(keptWith, action, claim.fence, isOut ? "done" : "retry", isOut ? { eventType } : {});
  if (isOut) return "published";
  // Under the gateway's own code: what it refuses for good no retry mends.
  const { code, message, detail } = outcome.error;
  throw new TourniquetError(code, `could not publish ${eventType}: ${message}`, detail, outcome.error);
}
