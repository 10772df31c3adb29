import { admit } from "../admit.ts";
import type { WatchPorts } from "./ports.ts";

/** What a look found, in the words of a webhook. The id names what happened: told twice, it is one event (I5). */
export interface Found {
  type: string;
  agentId: string;
  id: string;
  /** Milliseconds since 1970; null where the gateway gives no time: then that of arrival counts. */
  at: number | null;
  payload: Readonly<Record<string, string | number | null | undefined>>;
}

/**
 * Takes them in as events, oldest first: the gateway lists what is newest first, and what is judged first is told as the beginning.
 * Answers those that could not be read, which is a defect between us and the gateway.
 */
export async function tell(ports: WatchPorts, found: readonly Found[]): Promise<readonly Found[]> {
  const inOrder = found.toSorted((a, b) => (a.at ?? NOW) - (b.at ?? NOW));
  const admissions = await Promise.all(
    inOrder.map((one) => admit(ports, { rawBody: bodyOf(one), source: "poller", signedId: null })),
  );
  return inOrder.filter((_, index) => !("eventId" in admissions[index]!));
}

/** What has no time is as new as its arrival. */
const NOW = Number.MAX_SAFE_INTEGER;

function bodyOf({ type, agentId, id, at, payload }: Found): Buffer {
  const time = at === null ? {} : { timestamp: Math.round(at) };
  return Buffer.from(JSON.stringify({ event_type: type, event_id: id, agent_id: agentId, ...time, payload }));
}
