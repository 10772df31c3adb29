import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { approve, decline } from "../../src/contain/approvals.ts";
import { shutDown } from "../../src/contain/fleet.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld({ settings: "fleet: { agents: [{ id: a }, { id: b }] }" });
});
afterEach(() => world.close());

const ada = { by: "ada", reason: "the same fault in all of them" };
const bob = { by: "bob", reason: "a planned purchase" };
const byPerson = { isAutomatic: false };
const waits = (...agentIds: string[]) =>
  world.services.fleet.ask({
    ...{ id: "freezes-cas-1", kind: "freezes", what: "too many", cascadeId: null },
    verdicts: agentIds.map((agentId) => ({
      ...{ signal: aSignal({ agentId }), tier: "auto-contain", decidedBy: "cascade" },
    })),
  } as const);
const shutdownWaits = () =>
  world.services.fleet.ask({ id: "shutdown", kind: "shutdown", what: "all?", cascadeId: null, verdicts: [] });
const waiting = async () =>
  (await world.services.fleet.approvals()).flatMap(({ verdicts }) => verdicts.map(({ signal }) => signal.agentId));
const conflict = (message: string) => ({ code: "conflict", message: expect.stringContaining(message) });

describe("a yes and a no to one question at the same moment", () => {
  const yes = () => approve(world.services, ada);
  const no = () => decline(world.services, bob);

  it.each([
    ["yes", [yes, no]],
    ["no", [no, yes]],
  ] as const)("are one answer, and whoever was too late is told whose (%s first)", async (_, [first, second]) => {
    await waits("a", "b");
    const answers = await Promise.allSettled([first(), second()]);
    const lost = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
    const isYes = (await world.jobs("freeze")).length > 0;
    expect(lost).toEqual([
      expect.objectContaining(
        conflict(isYes ? "ada has said yes to freezes-cas-1" : "bob has said no to freezes-cas-1"),
      ),
    ]);
    expect([(await world.jobs("freeze")).length, await waiting()]).toEqual([isYes ? 2 : 0, []]);
  });

  it("answer all that waits or none of it", async () => {
    await waits("a");
    await shutdownWaits();
    const [question] = (await world.services.fleet.approvals()).filter(({ id }) => id === "shutdown");
    await world.services.fleet.claim([question!], { said: "no", by: "bob" });
    await expect(yes()).rejects.toMatchObject(conflict("bob has said no to shutdown"));
    expect([await world.jobs("freeze"), await waiting()]).toEqual([[], ["a"]]);
    await expect(decline(world.services, bob)).resolves.toEqual({ declined: ["freezes-cas-1", "shutdown"] });
  });

  it("are one also where the yes is an order to shut down", async () => {
    await shutdownWaits();
    const { fleet } = world.services;
    let declined: unknown;
    const beginShutdown: typeof fleet.beginShutdown = async (...who) => {
      declined = await no().catch((error) => error);
      return fleet.beginShutdown(...who);
    };
    await shutDown({ ...world.services, fleet: { ...fleet, beginShutdown } }, ada, byPerson);
    expect(declined).toMatchObject(conflict("ada has said yes to shutdown"));
  });
});

describe("two who say the same", () => {
  it("are both right, and it is done once", async () => {
    await waits("a", "b");
    const answers = await Promise.all([approve(world.services, ada), approve(world.services, bob)]);
    expect(answers.map(({ agents }) => agents.sort())).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(await world.jobs("freeze")).toHaveLength(2);
  });
});

describe("an answer whose process died before it was carried out", () => {
  it("can be given again at once, and any other after a minute", async () => {
    const { fleet, redis } = world.services;
    await waits("a");
    await fleet.claim(await fleet.approvals(), { said: "yes", by: "ada" });
    await expect(decline(world.services, bob)).rejects.toMatchObject(conflict("ada has said yes"));
    const left = await redis.pttl(keys.approvalAnswer("freezes-cas-1"));
    expect([left > 0, left <= 60_000]).toEqual([true, true]);
    expect((await approve(world.services, bob)).agents).toEqual(["a"]);
    await waits("b");
    await fleet.claim(await fleet.approvals(), { said: "yes", by: "ada" });
    await redis.del(keys.approvalAnswer("freezes-cas-1"));
    await decline(world.services, bob);
    expect(await waiting()).toEqual([]);
  });
});

describe("what is added to a question while it is answered", () => {
  it("waits for anybody's word, and so does a question that is asked anew", async () => {
    const { fleet } = world.services;
    await waits("a");
    await fleet.claim(await fleet.approvals(), { said: "yes", by: "ada" });
    await waits("b");
    await fleet.settle("freezes-cas-1", ["a"]);
    expect(await waiting()).toEqual(["b"]);
    await decline(world.services, bob);
    await waits("a");
    expect((await approve(world.services, ada)).agents).toEqual(["a"]);
  });
});

describe("a shutdown that is resumed at the moment it is ordered", () => {
  it("freezes nobody, and whoever ordered it is told", async () => {
    const { fleet } = world.services;
    const beginShutdown: typeof fleet.beginShutdown = async (...who) => {
      const begun = await fleet.beginShutdown(...who);
      await fleet.endShutdown(begun);
      return begun;
    };
    const ordered = shutDown({ ...world.services, fleet: { ...fleet, beginShutdown } }, ada, byPerson);
    await expect(ordered).rejects.toMatchObject(conflict("resumed the fleet at this very moment: nobody was frozen"));
    expect([await world.jobs("freeze"), await fleet.shutdown()]).toEqual([[], null]);
  });

  it("stays in force with those that were added after they were counted, and is not ended in the place of another", async () => {
    const { fleet } = world.services;
    const begun = await fleet.beginShutdown("ada", "drained");
    await fleet.include(begun.id, new Map([["a", "sig-a"]]));
    expect(await fleet.endShutdown(begun)).toBe(false);
    expect(await fleet.endShutdown({ ...(await fleet.shutdown())!, id: "shutdown-9" })).toBe(false);
    expect(await fleet.endShutdown((await fleet.shutdown())!)).toBe(true);
    expect([await fleet.shutdown(), await fleet.include(begun.id, new Map([["b", "sig-b"]]))]).toEqual([null, false]);
  });
});
