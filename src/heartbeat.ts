import type { Log } from "./incident/ports.ts";

const DEADLINE_MS = 5_000;

/**
 * One call to the dead-man's switch (I8): whoever it belongs to wakes somebody when it stays away. The address often holds a
 * token, so neither it nor a message that may repeat it is logged. Never throws.
 */
export async function beat(url: string, log: Log): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS) });
    await answer.body?.cancel();
    if (!answer.ok) log.warn({ status: answer.status }, "heartbeat.refused");
    return answer.ok;
  } catch (error) {
    log.warn({ reason: reasonOf(error) }, "heartbeat.failed");
    return false;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : error.name;
}
