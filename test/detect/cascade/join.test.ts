import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { joinCascade } from "../../../src/detect/cascade.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { aSignal } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import {
  cascadePorts,
  cascadesOf,
  critical,
  decided,
  fleetOfFive,
  frozen,
  type RecordedPorts,
  warning,
} from "./fleet-ports.ts";

let stores: Stores;
let ports: RecordedPorts;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  ports = cascadePorts(stores);
  now = await stores.clock.now();
});

const join = async (signal: Partial<Signal>) => (await joinCascade(ports, await decided(stores, signal))).answer;
const WINDOW_MS = 300_000;

describe("when agents signal within five minutes", () => {
  it("two critical ones are a cascade, by the time alone, and both are handed over as its members", async () => {
    expect(await join(critical("d", now))).toBe("alone");
    expect(await join(critical("e", now + 1_000))).toBe("opened");
    expect(frozen(ports)).toEqual(["d", "e"]);
    expect(await cascadesOf(stores)).toMatchObject([{ members: ["d", "e"], edges: ["e d same time"] }]);
    const [cascade] = await stores.cascades.list(1);
    const member = cascade!.members.find(({ agentId }) => agentId === "e")!;
    expect(await stores.verdicts.load("e", member.signalId)).toMatchObject({
      cascadeId: cascade!.id,
      tier: "auto-contain",
      decidedBy: expect.stringMatching(/^cascade: .*300 s.*same time, with d/),
      signal: { severity: "critical", why: { sentence: expect.stringContaining(`Part of cascade ${cascade!.id}`) } },
    });
  });

  it("what is said of a member has one full stop between why and the cascade", async () => {
    const why = { ...aSignal().why, sentence: "99 % of the budget is used, the threshold is 95 %." };
    await join({ ...critical("d", now), why });
    await join(critical("e", now));
    const [cascade] = await stores.cascades.list(1);
    const { signalId } = cascade!.members.find(({ agentId }) => agentId === "d")!;
    const kept = await stores.verdicts.load("d", signalId);
    expect(kept?.signal.why.sentence).toContain("the threshold is 95 %. Part of cascade");
  });

  it("began with the loop, and not with who failed before the loop was told", async () => {
    await join(critical("e", now + 5_000));
    await join({ ...critical("d", now + 9_000), startedAt: now });
    expect(await cascadesOf(stores)).toMatchObject([{ rootCause: { agentId: "d", why: "its trouble began first" } }]);
  });

  it("belong together by the newest events behind their signals, however early the first was", async () => {
    await join(critical("d", now));
    expect(await join({ ...critical("e", now + WINDOW_MS + 1), startedAt: now })).toBe("alone");
  });

  it.each([
    [WINDOW_MS, "opened"],
    [WINDOW_MS + 1, "alone"],
  ])("%i ms apart: %s", async (apart, expected) => {
    await join(critical("d", now - apart));
    expect(await join(critical("e", now))).toBe(expected);
  });

  it("two warnings without a link stay two warnings", async () => {
    expect(await join(warning("d", now))).toBe("alone");
    expect(await join(warning("a", now))).toBe("alone");
    expect(frozen(ports)).toEqual([]);
    expect(await stores.cascades.list(5)).toEqual([]);
  });

  it("a warning without a link is left out of the cascade that two others make", async () => {
    await join(critical("d", now));
    await join(warning("a", now));
    await join(critical("e", now));
    expect(frozen(ports)).toEqual(["d", "e"]);
  });

  it("a warning and a critical of one wallet belong together, whichever is first", async () => {
    await join(warning("a", now));
    expect(await join(critical("b", now + 1))).toBe("opened");
    expect(await join(warning("c", now + 2))).toBe("joined");
    expect(frozen(ports)).toEqual(["a", "b", "c"]);
    const drawnIn = (await stores.cascades.list(1))[0]!.members.find(({ agentId }) => agentId === "a")!;
    expect(await stores.verdicts.load("a", drawnIn.signalId)).toMatchObject({ signal: { severity: "critical" } });
    expect((await cascadesOf(stores))[0]?.edges).toContain("b a shared wallet ops");
  });

  it("later ones join the same cascade, and only they are handed over", async () => {
    await join(critical("d", now));
    await join(critical("e", now));
    const before = ports.dispatch.added.length;
    expect(await join(critical("f", now + WINDOW_MS))).toBe("joined");
    expect(frozen(ports)).toEqual(["d", "e", "f"]);
    expect((await cascadesOf(stores)).length).toBe(1);
    // One freeze more; page, publication and deep look are the cascade's, once.
    expect(ports.dispatch.added.length).toBe(before + 1);
  });

  it("the setting says how many make a cascade", async () => {
    ports = cascadePorts(stores, `${fleetOfFive}\ncascade: { agents: 3 }`);
    expect([await join(critical("d", now)), await join(critical("e", now))]).toEqual(["alone", "alone"]);
    expect(await join(critical("f", now))).toBe("opened");
    expect(frozen(ports)).toEqual(["d", "e", "f"]);
  });

  it("one agent is no cascade, however often it signals", async () => {
    for (const kind of ["escrow-burst", "cost-anomaly", "budget-exhaustion"] as const)
      expect(await join({ ...critical("d", now), kind })).toBe("alone");
  });
});

describe("what else links a warning to another", () => {
  it("the payee under suspicion", async () => {
    await join({ ...warning("d", now), suspectPayee: "mallory" });
    expect(await join({ ...warning("e", now + 1), suspectPayee: "mallory" })).toBe("opened");
    expect((await cascadesOf(stores))[0]?.edges).toEqual(["e d same suspect payee mallory"]);
  });

  it("that one pays the other, in either order; not that both pay a third", async () => {
    const pays = (payer: string, payee: string) =>
      stores.windows.observeEscrow(payer, {
        escrowId: `esc-${payer}`,
        payee,
        amount: "5.00",
        at: now,
        eventId: "evt-0-1",
      });
    await pays("d", "e");
    await pays("f", "shop");
    await pays("g", "shop");
    expect(await join(warning("f", now))).toBe("alone");
    expect(await join(warning("g", now))).toBe("alone");
    expect(await join(warning("d", now))).toBe("alone");
    expect(await join(warning("e", now + 1))).toBe("opened");
    expect((await cascadesOf(stores))[0]?.edges).toEqual(["e d paid by the other: e"]);
    await pays("h", "i");
    await join(warning("i", now));
    await join(warning("h", now + 1));
    expect((await cascadesOf(stores)).map(({ edges }) => edges)).toContainEqual(["h i pays i"]);
  });

  it.each([
    ["tool-call-burst", "opened"],
    ["cost-anomaly", "alone"],
  ] as const)("the same prompt or tool, where it can be at fault: %s, %s", async (kind, expected) => {
    await join({ ...warning("b", now), kind });
    expect(await join({ ...warning("d", now), kind })).toBe(expected);
  });

  it("not a prompt or tool that the settings leave out", async () => {
    ports = cascadePorts(stores, `${fleetOfFive}\nagentControl: { restrictSimilar: [wallet] }`);
    await join({ ...warning("b", now), kind: "tool-call-burst" });
    expect(await join({ ...warning("d", now), kind: "tool-call-burst" })).toBe("alone");
  });
});

describe("what does not count", () => {
  it.each([
    [600_000 - 20_000, "opened"],
    [600_000 + 1, "late"],
  ])("a warning of %i ms ago: %s", async (ago, expected) => {
    await join(critical("b", now - ago));
    expect(await join(warning("a", now - ago))).toBe(expected);
  });

  it("a check of ours that failed, an order from above, what policy does not answer, and what a cascade decided", async () => {
    await join(critical("d", now));
    for (const given of [{ kind: "detection-failure" }, { kind: "fleet-shutdown" }, { severity: "info" }] as const)
      expect(await join({ ...critical("e", now), ...given })).toBe("not-counted");
    expect(await join({ ...warning("e", now), kind: "shared-resource-exhausted" })).toBe("not-counted");
    const job = await decided(stores, critical("e", now));
    await join(critical("e", now));
    const [cascade] = await stores.cascades.list(1);
    const { signalId } = cascade!.members[0]!;
    const { agentId } = cascade!.members[0]!;
    expect((await joinCascade(ports, { agentId, signalId })).answer).toBe("not-counted");
    expect((await joinCascade(ports, { ...job, signalId: "sig-none" })).answer).toBe("no-verdict");
  });
});
