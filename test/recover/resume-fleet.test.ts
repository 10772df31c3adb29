import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shutDown } from "../../src/contain/fleet.ts";
import { resumeFleet } from "../../src/recover/resume-fleet.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { fleetShutdown } from "../../src/runbooks/fleet-shutdown.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS } from "./recovering-world.ts";

const ada = { by: "ada", reason: "shared wallet is being drained" };
let stores: Stores;
let one: RecoveringModel;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
});

const fleetPorts = () => ({ ...one.ports, fleet: stores.fleet });

/** Shuts the fleet down, and lets containment answer for this agent; the incident that it opened. */
async function shutDownOver(agent: string): Promise<string> {
  const { agents } = await shutDown(fleetPorts(), ada, { isAutomatic: false });
  const { signal } = (await stores.verdicts.load(agent, agents.get(agent) ?? ""))!;
  const request = { ...openRequest(), signal, runbook: fleetShutdown.name };
  return (await stores.incidents.open(request)).incidentId;
}
const resume = () => resumeFleet(fleetPorts(), { by: "mira", reason: "wallet is safe again" });
const recoveryJobs = () => one.ports.dispatch.added.filter(({ jobId }) => jobId.startsWith("recovery-"));

describe("a fleet that was shut down while an agent recovered, and is resumed", () => {
  it("leaves that agent frozen and says from which recovery it came: nobody is at 100 % at once", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    await one.run();
    expect(one.daily()).toBe("375.00");
    const taken = await shutDownOver(agentId);
    const why = `was being recovered from ${one.id} (75 %): recover ${taken} anew, or stand it down`;
    expect(await resume()).toEqual({ released: [], untouched: [], left: [{ agentId, why }] });
    expect((await stores.incidents.load(taken))?.standDown).toBeNull();
    expect(recoveryJobs()).toEqual([]);
    expect(await stores.fleet.shutdown()).toBeNull();
  });

  it("knows it also after the old recovery has come to its end", async () => {
    await one.run();
    const taken = await shutDownOver(agentId);
    expect(await one.run()).toBe("superseded");
    expect((await resume()).left).toEqual([
      { agentId, why: `was being recovered from ${one.id} (50 %): recover ${taken} anew, or stand it down` },
    ]);
  });

  it("releases one whose recovery had ended before", async () => {
    await stores.incidents.beginStandDown(one.id, "ada", "planned");
    await standDown(one.ports, { incidentId: one.id }, abort);
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-8" }));
    await shutDownOver("agent-8");
    expect(await resume()).toMatchObject({ left: [{ agentId: "agent-8", why: expect.stringContaining(incidentId) }] });
    const settled = await shutDownAlone();
    expect(await resume()).toMatchObject({ released: [agentId] });
    expect((await stores.incidents.load(settled))?.standDown).toMatchObject({ by: "mira" });
  });
});

/** The agent has no open incident of its own: the settings name it. */
async function shutDownAlone(): Promise<string> {
  one.ports.settings = { ...one.ports.settings, fleet: { ...one.ports.settings.fleet, agents: [agentOfFile] } };
  const id = await shutDownOver(agentId);
  await stores.caps.takeSnapshot(agentId, id, one.model.caps, "gateway");
  return id;
}

const agentOfFile = {
  ...({ id: agentId, value: "high", wallet: undefined, tools: [], prompt: undefined, service: undefined } as const),
  ...{ pinnedPublicKey: undefined, reputationBaseline: undefined, caps: undefined },
};
