import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ContainmentOrder, orderContainment } from "../../src/contain/order-containment.ts";
import { TourniquetError } from "../../src/errors.ts";
import { tellingOf } from "../redis/deliveries.ts";
import { openRequest } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

const agentId = "agent-7";
let world: QuietWorld;
const ports = () => ({ ...world.services, gateway: world.services.ordered.gateway });
const order = (more: Partial<ContainmentOrder> = {}) =>
  orderContainment(ports(), { agentId, by: "ada", reason: "buys in circles", ...more });
/** Works the freeze job as a worker would. */
const work = async ({ signalId }: { signalId: string }) => {
  const { incidentId } = await world.freeze({ eventId: null, agentId, signalId });
  await world.contain(incidentId!);
  return (await world.services.incidents.view(incidentId!))!;
};

const overIncident = async (agent: string) => {
  const { incidents } = world.services;
  const { incidentId } = await incidents.open(openRequest({ agentId: agent }));
  await incidents.setStatus(incidentId, "stood-down", "recover", {});
};

describe("a person's order to contain an agent", () => {
  beforeAll(async () => {
    world = await quietWorld();
  });
  afterAll(() => world.close());

  it("opens an incident that names them and their reason, and freezes", async () => {
    const incident = await work(await order());
    expect(incident).toMatchObject({
      status: "contained",
      priority: "P0",
      runbook: "runaway-spending",
      decidedBy: "order of ada: buys in circles",
    });
    expect(incident.signals[0]!.why.sentence).toBe("ada ordered it: buys in circles");
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
  });

  it("given again joins the open incident, under the name of who gave it, and has it read back anew", async () => {
    const [open] = await world.services.incidents.list(1);
    await world.admin.setCaps(agentId, "500.00", "15000.00");
    const answered = await order({ by: "grace" });
    await expect(work(answered)).rejects.toThrow("the caps are not 0");
    const again = await work(answered);
    expect(again).toMatchObject({ id: open!.id, status: "contained", runbooks: ["runaway-spending"] });
    const [, joined] = again.timeline.filter(({ detail }) => detail.policy !== undefined);
    expect(joined).toMatchObject({ what: "signal-joined", detail: { policy: "order of grace: buys in circles" } });
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
  });

  it("by a stricter runbook joins the open incident", async () => {
    const incident = await work(await order({ runbook: "identity-compromise" }));
    expect(incident.runbooks).toEqual(["runaway-spending", "identity-compromise"]);
  });

  it("given after the incident is over is a new one", async () => {
    const [before] = await world.services.incidents.list(1);
    await world.services.incidents.setStatus(before!.id, "stood-down", "recover", {});
    const again = await order();
    expect((await work(again)).id).not.toBe(before!.id);
  });
});

describe("two orders before any worker took the first one up", () => {
  it("come to one incident that names both", async () => {
    world = await quietWorld();
    const [one, other] = await Promise.all([order({ by: "ada" }), order({ by: "grace" })]);
    const { id } = await work(one);
    const incident = await work(other);
    expect(incident.id).toBe(id);
    expect(incident.signals.map(({ why }) => why.sentence.split(" ")[0]).sort()).toEqual(["ada", "grace"]);
    await world.close();
  });
});

describe("where only the gateway could know the agent, and it does not answer", () => {
  it("nothing is ordered, and that is said: it may well exist", async () => {
    world = await quietWorld();
    const away = new TourniquetError("gateway-failed", "HTTP 500");
    const gateway = { readBalance: () => Promise.reject(away) };
    const asked = orderContainment({ ...ports(), gateway }, { agentId: "agent-12", by: "ada", reason: "x" });
    await expect(asked).rejects.toMatchObject({
      code: "gateway-unreachable",
      detail: { isNothingDone: true },
      message: expect.stringMatching(/^nothing was ordered: .* could not be asked \(HTTP 500\)/),
    });
    expect(await world.jobs("freeze")).toEqual([]);
    await world.close();
  });
});

describe("in observe-only mode", () => {
  beforeAll(async () => {
    world = await quietWorld({ settings: "mode: observe" });
  });
  afterAll(() => world.close());

  it("an order acts, makes a real incident of a dry run, and is held", async () => {
    const { incidentId } = await world.services.incidents.open(openRequest({ agentId }, { dryRun: true }));
    expect(incidentId).toContain("dry");
    const incident = await work(await order());
    expect(incident).toMatchObject({ id: incidentId, dryRun: false, status: "contained" });
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
    await world.callAs(agentId, "PUT", `/v1/billing/wallets/${agentId}/budget`, {
      daily_cap: "900",
      monthly_cap: "900",
    });
    await world.contain(incident.id);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
  });

  it("without one nothing is done, as ever", async () => {
    await world.admin.placeAgent("agent-8");
    const { incidentId } = await world.services.incidents.open(openRequest({ agentId: "agent-8" }, { dryRun: true }));
    await world.contain(incidentId);
    expect(await world.services.incidents.load(incidentId)).toMatchObject({ status: "observed", dryRun: true });
  });
});

describe("an order that must not be carried out", () => {
  beforeAll(async () => {
    world = await quietWorld();
  });
  afterAll(() => world.close());

  it.each([
    [
      "no-such-agent",
      {},
      /no agent no-such-agent: the settings name none, no event told of one, and the gateway knows none/,
    ],
    ["a:b", {}, /must be an id as the gateway takes it/],
    [agentId, { runbook: "fleet-shutdown" }, /runbook must be one of runaway-spending/],
    [agentId, { priority: "P9" }, /priority must be one of P0, P1, P2, P3/],
    [agentId, { by: " " }, /must say who/],
  ])("%s %j is refused with what is wrong", async (agent, more, sentence) => {
    await expect(order({ agentId: agent, ...more })).rejects.toThrow(sentence);
    expect(await world.jobs("freeze")).toEqual([]);
  });

  it("against the agent whose key contains the others is refused", async () => {
    const config = { greenhelixAgentId: agentId };
    await expect(orderContainment({ ...ports(), config }, { agentId, by: "ada", reason: "x" })).rejects.toThrow(
      /whose key contains the others/,
    );
  });

  it.each([
    ["events told of", () => world.services.inbox.accept(tellingOf("agent-9"))],
    ["had an incident that is over", () => overIncident("agent-9")],
  ])("against an agent that %s needs no gateway", async (_, know) => {
    await world.services.redis.flushdb();
    const gateway = { readBalance: () => Promise.reject(new Error("not to be asked")) };
    const ordered = () => orderContainment({ ...ports(), gateway }, { agentId: "agent-9", by: "ada", reason: "x" });
    await expect(ordered()).rejects.toThrow("not to be asked");
    await know();
    const { signalId } = await ordered();
    expect(await world.jobs("freeze")).toEqual([`freeze-${signalId}`]);
  });
});
