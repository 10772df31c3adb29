import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CascadeSignal } from "../../src/incident/cascade.ts";
import { money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { containPorts } from "../../src/work.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { createWorld, type World } from "../support/world.ts";

const said = { by: "ada", rootCause: "a retry loop emptied the shared wallet", fix: "v2.3 gives up after three tries" };
const before = { dailyCap: money("500.00"), monthlyCap: money("15000.00"), alertThreshold: 0.8 };
let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: [], ticker: false });
});
afterAll(() => world.close());

const run = (incidentId: string) => {
  const { services } = world;
  const ports = { ...services, ...containPorts(services), settings: services.settings };
  return recover(ports, { incidentId }, new AbortController().signal);
};
const capOf = async (agentId: string) =>
  (await world.admin.state()).agents.find((agent) => agent.agentId === agentId)?.caps.daily;

/** Two agents of one cascade, frozen and contained; the first is its root cause. */
async function cascadeOf(...agentIds: readonly string[]): Promise<string[]> {
  const { services, admin } = world;
  const joined = [];
  for (const [place, agentId] of agentIds.entries()) {
    await admin.placeAgent(agentId, { dailyCap: "0.00", monthlyCap: "0.00" });
    const signal: CascadeSignal = {
      ...{ signalId: `sig-${agentId}`, agentId, kind: "escrow-burst", severity: "critical", at: Date.now() },
      ...{ z: 9 - place, outflow: "0.00", wallet: null, suspectPayee: null, marks: ["critical"] },
    };
    joined.push(await services.cascades.join(signal, { windowMs: 300_000, agents: 2 }));
  }
  const cascadeId = joined.at(-1)!.cascadeId!;
  return Promise.all(
    agentIds.map(async (agentId) => {
      const signal = aSignal({ agentId });
      await services.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "cascade", cascadeId });
      await services.cascades.handedOver(cascadeId, [{ agentId, standing: "freezing", signalId: signal.id }]);
      const { incidentId } = await services.incidents.open(openRequest(signal, { cascadeId }));
      await services.caps.takeSnapshot(agentId, incidentId, before, "gateway");
      for (const status of ["containing", "contained"] as const)
        await services.incidents.setStatus(incidentId, status, "contain", {});
      return incidentId;
    }),
  );
}

describe("after a cascade, asked for in whatever order", () => {
  it("the victim stays held until the root cause has its first rung, says so, and then goes on by itself", async () => {
    const [root, victim] = (await cascadeOf("root", "victim")) as [string, string];
    await askRecovery(world.services, { incidentId: victim, ...said });
    expect(await run(victim)).toEqual({ answer: "waiting" });
    expect(await world.services.recoveries.load(victim)).toMatchObject({ waitsFor: [root], epoch: null });
    expect(await world.services.incidents.load(victim)).toMatchObject({ status: "contained" });
    await askRecovery(world.services, { incidentId: root, ...said });
    expect(await run(victim)).toEqual({ answer: "waiting" });
    expect(await capOf("victim")).toBe("0.00");
    await run(root);
    expect(await capOf("root")).toBe("250.00");
    await run(victim);
    expect(await capOf("victim")).toBe("250.00");
    expect([...(await world.services.agentWatch.recovering()).keys()].sort()).toEqual(["root", "victim"]);
    const waits = (await world.services.incidents.view(victim))!.timeline.filter(
      ({ what }) => what === "recovery-waits",
    );
    expect(waits.map(({ detail }) => detail)).toEqual([{ for: [root], agents: ["root"] }]);
  });
});
