import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const take = (events: readonly Record<string, unknown>[]) =>
  admitActivity(
    { inbox: world.services.inbox, settings: world.services.settings },
    { rawBody: Buffer.from(JSON.stringify({ events })), signedId: null },
  );
const call = (agent_id: string, tool_name: string, more: Record<string, unknown> = {}) => ({
  agent_id,
  event_type: "tool_call",
  timestamp: Date.now(),
  details: { tool_name, ...more },
});
const signalsOf = (agentId: string) =>
  until(async () => {
    const incident = (await world.services.incidents.list(20)).find((one) => one.agentId === agentId);
    return incident ? (await world.services.incidents.signals(incident.id)).map(({ kind }) => kind) : null;
  }, `an incident of ${agentId}`);

describe("an agent whose telemetry shows a breach", () => {
  it.each([
    ["data-exfiltration", "exfiltrator", [call("exfiltrator", "http_request", { body_bytes: 10_001 })]],
    ["suspicious-tool-sequence", "thief", [call("thief", "read_secret"), call("thief", "http_request")]],
    ["tool-call-burst", "loop", Array.from({ length: 31 }, () => call("loop", "search"))],
    ["error-spike", "prober", Array.from({ length: 21 }, () => ({ ...call("prober", ""), event_type: "error" }))],
  ])("has an incident of %s, and every event is answered for", async (kind, agentId, events) => {
    expect(await take(events)).toMatchObject({ answer: "taken" });
    expect(await signalsOf(agentId)).toContain(kind);
    await until(async () => (await world.services.inbox.stats()).pending === 0, "every event to be answered for");
  });
});
