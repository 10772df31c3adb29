import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reputationDrop } from "../../src/detect/rules/reputation-drop.ts";
import { baselineOf } from "../../src/incident/standing.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { defaultThresholds } from "../../src/settings/thresholds.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble, modelGateway, modelPorts } from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
const agentId = "agent-7";
const { signal: abort } = new AbortController();
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb());

const acceptReputation = "the drop is this incident's own";
/** One poll's conclusion: the severity of the drop, null for none. */
async function poll(score: number, given?: number): Promise<{ severity: string; baseline: unknown } | null> {
  const at = await stores.clock.now();
  const seen = await stores.standing.observe(agentId, { score, at: at + 1 + polls++, eventId: `evt-0-${at}` });
  const view = { ...seen, at: at + polls, baseline: baselineOf(seen, given) };
  const found = reputationDrop.find(view, defaultThresholds);
  return found && { severity: found.severity, baseline: found.baseline };
}
let polls = 0;

async function recoverAt(score: number, baseline = ""): Promise<string> {
  const model = modelGateway();
  const settings = readSettings(`fleet: { agents: [{ id: ${agentId}${baseline} }] }`, {});
  const ports = modelPorts(stores, model.gateway, settings);
  const id = await containedTrouble(ports, agentId, abort);
  model.gateway.readReputation = async () => ({ score, raw: {} });
  await askRecovery(ports, { incidentId: id, ...said, acceptReputation });
  expect((await recover(ports, { incidentId: id }, abort)).answer).toBe("rung-taken");
  return id;
}

describe("a reputation that a person accepted by name", () => {
  it.each([
    ["the first that was seen", undefined],
    ["one in the settings", 0.85],
  ])("is no drop any more at the next poll, where the baseline was %s; a further fall is one", async (_of, given) => {
    await poll(0.85, given);
    expect(await poll(0.5, given)).toMatchObject({ severity: "critical" });
    await recoverAt(0.5, given === undefined ? "" : `, reputationBaseline: ${given}`);
    expect(await poll(0.5, given)).toBeNull();
    expect(await poll(0.426, given)).toBeNull();
    expect(await poll(0.425, given)).toEqual({ severity: "warning", baseline: { kind: "accepted", score: 0.5 } });
    expect(await poll(0.3501, given)).toMatchObject({ severity: "warning" });
    expect(await poll(0.35, given)).toMatchObject({ severity: "critical" });
  });

  it("counts until the score is back at the baseline: then the same fall is new trouble", async () => {
    await poll(0.85);
    await recoverAt(0.5);
    expect(await poll(0.8499)).toBeNull();
    expect(await poll(0.5)).toBeNull();
    expect(await poll(0.85)).toBeNull();
    expect(await poll(0.5)).toEqual({ severity: "critical", baseline: { kind: "first-seen", score: 0.85 } });
  });

  it("counts no more where a person gives another baseline", async () => {
    await poll(0.85, 0.85);
    await recoverAt(0.5, ", reputationBaseline: 0.85");
    expect(await poll(0.5, 0.6)).toEqual({ severity: "warning", baseline: { kind: "settings", score: 0.6 } });
    expect(await poll(0.49, 0.85)).toBeNull();
  });

  it("may be accepted again lower, and still comes back to the same baseline", async () => {
    await poll(0.85);
    await recoverAt(0.5);
    await recoverAt(0.3);
    expect(await poll(0.3)).toBeNull();
    expect((await stores.standing.known(agentId)).accepted).toMatchObject({ score: 0.3, against: 0.85 });
  });

  it("is in the timeline with what was found", async () => {
    await poll(0.85);
    const id = await recoverAt(0.5);
    const begun = (await stores.incidents.view(id))!.timeline.find(({ what }) => what === "recovery-begun");
    expect(begun?.detail.found).toMatchObject({
      accepted: acceptReputation,
      reputation: { score: 0.5, baseline: 0.85 },
    });
  });
});
