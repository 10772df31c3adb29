import type { GatewayEvent } from "../incident/event.ts";
import type { Inbox, StoredEvent } from "../incident/inbox.ts";

export interface TelemetryPorts {
  inbox: Pick<Inbox, "telemetry">;
  /** What a stored event says, read as detection reads it. Throws where this version cannot. */
  readEvent(stored: StoredEvent): GatewayEvent;
}

/** More than this of one hour is a flood, and its newest part shows what it was. */
const MOST_OF_AN_HOUR = 2_000;
const MOST_OF_A_DAY = 20_000;

/** F1: what the agent told of itself between those times, oldest first: what was called and how much it carried, never the content. */
export async function activitySince(ports: TelemetryPorts, agentId: string, sinceMs: number, untilMs: number) {
  return (await read(ports, agentId, sinceMs, untilMs, MOST_OF_AN_HOUR)).map(({ id, occurredAt, facts }) => ({
    at: occurredAt,
    event: id,
    ...facts,
  }));
}

/** One tool, as an agent used it. Times in milliseconds since 1970, sizes of what went out in bytes. */
export interface ToolUse {
  tool: string;
  calls: number;
  firstAt: number;
  lastAt: number;
  bodyBytes: number;
  largestBodyBytes: number;
  /** The newest, to look at. */
  events: readonly string[];
}

/** The audit after an exfiltration: which tools the agent called, how often, when, and what it carried out. Most used first. */
export async function toolUseSince(
  ports: TelemetryPorts,
  agentId: string,
  sinceMs: number,
  untilMs: number,
): Promise<ToolUse[]> {
  const byTool = new Map<string, ToolUse>();
  for (const { id, occurredAt, facts } of await read(ports, agentId, sinceMs, untilMs, MOST_OF_A_DAY)) {
    if (facts.kind !== "tool-call") continue;
    const { tool, bodyBytes } = facts;
    const use = byTool.get(tool) ?? none(tool);
    byTool.set(tool, {
      tool,
      calls: use.calls + 1,
      firstAt: Math.min(use.firstAt, occurredAt),
      lastAt: Math.max(use.lastAt, occurredAt),
      bodyBytes: use.bodyBytes + bodyBytes,
      largestBodyBytes: Math.max(use.largestBodyBytes, bodyBytes),
      events: [...use.events, id].slice(-20),
    });
  }
  return [...byTool.values()].sort((a, b) => b.calls - a.calls || a.tool.localeCompare(b.tool));
}

const none = (tool: string): ToolUse => ({
  tool,
  calls: 0,
  firstAt: Number.POSITIVE_INFINITY,
  lastAt: Number.NEGATIVE_INFINITY,
  bodyBytes: 0,
  largestBodyBytes: 0,
  events: [],
});

/** Both times are of arrival, by Redis. */
async function read(
  ports: TelemetryPorts,
  agentId: string,
  sinceMs: number,
  untilMs: number,
  limit: number,
): Promise<GatewayEvent[]> {
  const stored = await ports.inbox.telemetry(agentId, sinceMs, limit);
  return stored.filter(({ receivedAt }) => receivedAt <= untilMs).map((event) => ports.readEvent(event));
}
