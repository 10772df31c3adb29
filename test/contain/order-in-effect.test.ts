import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awaitEffect } from "../../src/cli/await-effect.ts";
import { orderContainment } from "../../src/contain/order-containment.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const agentId = "agent-7";
const order = () =>
  orderContainment(
    { ...world.services, gateway: world.services.ordered.gateway },
    { agentId, by: "ada", reason: "stop it" },
  );
const take = ({ signalId }: { signalId: string }) => world.freeze({ eventId: null, agentId, signalId });
const now = (ordered: Awaited<ReturnType<typeof order>>) => awaitEffect(world.services, ordered, () => undefined, 0);

describe("an order for an agent that is only halved", () => {
  it("is in effect when the freeze is, not by what the halving did", async () => {
    const id = await world.contained({ kind: "reputation-drift", suspectPayee: null });
    expect((await world.agent()).caps).toMatchObject({ daily: "250.00" });
    const ordered = await order();
    expect(await now(ordered)).toMatchObject({ isInEffect: false, incidentId: null });
    // Joined, and not frozen yet.
    const verdict = (await world.services.verdicts.load(agentId, ordered.signalId))!;
    const { runbook, priority } = verdict.order!;
    const { signal, decidedBy, keptAt: receivedAt } = verdict;
    await world.services.incidents.open({ signal, decidedBy, receivedAt, runbook, priority, dryRun: false } as never);
    expect(await now(ordered)).toMatchObject({ isInEffect: false, incidentId: id, effectMs: null });
    await take(ordered);
    const effect = await now(ordered);
    expect(effect).toMatchObject({ isInEffect: true, incidentId: id, wasInEffect: false, whyNot: null });
    expect(effect.effectMs).toBeGreaterThanOrEqual(0);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
  });
});

describe("an order for an agent that is held", () => {
  it("is in effect when the caps were read back after it, and was before: there is no time to tell", async () => {
    const id = await world.contained();
    const ordered = await order();
    await take(ordered);
    expect(await now(ordered)).toMatchObject({ isInEffect: false, status: "containing" });
    await world.contain(id);
    const effect = await now(ordered);
    expect(effect).toMatchObject({ isInEffect: true, incidentId: id, status: "contained" });
    expect(effect).toMatchObject({ wasInEffect: true, effectMs: null });
  });

  it("and then given up by somebody else is in effect no more: that is said at once", async () => {
    const ordered = await order();
    const { incidentId } = await take(ordered);
    await world.services.incidents.beginStandDown(incidentId!, "mira", "planned");
    const effect = await awaitEffect(world.services, ordered, () => undefined, 60_000);
    expect(effect).toMatchObject({
      isInEffect: false,
      whyNot: `${incidentId} was called off since: stood down by mira`,
    });
  });
});
