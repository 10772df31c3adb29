import { randomUUID } from "node:crypto";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { correlate } from "../../src/detect/correlate.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { readSettings } from "../../src/settings/settings.ts";
import type { Stores } from "../redis/open-stores.ts";
import { recordedDispatch, silent } from "../runbooks/step-ports.ts";

/** A full minute of a working day long enough ago that nothing in these tests lies in the future. */
export const start = Math.floor((Date.now() - 40 * 86_400_000) / 86_400_000) * 86_400_000 + 12 * 3_600_000;

let agents = 0;
export function newAgent(): string {
  agents += 1;
  return `agent-${process.pid}-${agents}`;
}

export interface Told {
  agentId: string;
  type: "tool_call" | "error" | "auth" | "output" | "identity_reading";
  atMs: number;
  details?: Record<string, unknown>;
}

/**
 * Tells one thing about an agent, from intake to verdict, with the settings of a file (the defaults without one). Answers
 * what was kept of it, or what intake itself concluded.
 */
export async function tell(stores: Stores, told: Told, yaml?: string): Promise<readonly Signal[]> {
  const { agentId, type, atMs, details = {} } = told;
  const settings = readSettings(yaml, {});
  const entry = { id: randomUUID(), agent_id: agentId, type, timestamp: atMs, details, payload: details };
  const admission = await admitActivity(
    { inbox: stores.inbox, settings },
    { rawBody: Buffer.from(JSON.stringify(entry)), signedId: null },
  );
  if ("mistakes" in admission) throw new Error(JSON.stringify(admission.mistakes));
  const { eventId } = admission.entries[0]!;
  const stored = await stores.inbox.load(eventId);
  if (stored?.verdicts.length) return stored.verdicts.map(({ signal }) => signal);
  await correlate({ ...stores, dispatch: recordedDispatch(), settings, log: silent }, { eventId });
  return concluded(stores, agentId);
}

/** Every signal kept about the agent, oldest first. */
export async function concluded(stores: Stores, agentId: string): Promise<readonly Signal[]> {
  return (await stores.verdicts.between(agentId, 0, Date.now() + 86_400_000)).map(({ signal }) => signal);
}

export const named = (signals: readonly Signal[]): string[] =>
  signals.map(({ kind, severity }) => `${kind} ${severity}`);
