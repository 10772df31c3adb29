import type { GatewayEvent } from "../incident/event.ts";
import type { AgentWatch } from "../incident/watch.ts";

/**
 * What senders that proved who they are told of: their agents are polled even if no file names them (I7), and what a webhook
 * said is not missing (I8). A poller or the bus says nothing of webhooks.
 */
export async function hearing(agentWatch: Pick<AgentWatch, "hear">, event: GatewayEvent): Promise<void> {
  const { source, agentId } = event;
  if (agentId === null || (source !== "webhook" && source !== "activity")) return;
  await agentWatch.hear(agentId, source === "webhook" ? topicOf(event) : null);
}

function topicOf({ facts }: GatewayEvent): string | null {
  if (facts.kind === "escrow") return `escrow:${facts.escrowId}`;
  return facts.kind === "budget" ? "budget" : null;
}
