import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const view = async (id: string) => (await world.services.incidents.view(id))!;
const lift = () => world.admin.setCaps("agent-7", "900.00", null);

describe("a hold that finds everything as it left it", () => {
  it("writes nothing to the gateway and books its next look", async () => {
    const id = await world.contained();
    const before = (await world.admin.effects()).length;
    expect(await world.contain(id)).toEqual({ answer: "held" });
    expect((await world.admin.effects()).length).toBe(before);
    expect((await view(id)).reassertions).toBe(0);
    expect(await world.services.incidents.takeDue(0, 0, 10)).toEqual([]);
    await world.services.incidents.attend(id, -1);
    expect(await world.services.incidents.takeDue(0, 10_000, 10)).toEqual([id]);
  });
});

describe("when the agent lifts its cap while it is held", () => {
  it("is frozen again with its own threshold, the incident is P0 from now on, and a person is paged", async () => {
    await world.admin.placeAgent("agent-7", { alertThreshold: 0.6 });
    const id = await world.contained({ kind: "payee-concentration" });
    expect((await view(id)).priority).toBe("P1");
    await lift();
    expect(await world.contain(id)).toEqual({ answer: "held" });
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect(await view(id)).toMatchObject({ status: "contained", priority: "P0", reassertions: 1 });
    expect(await world.jobs("notification")).toContain(`page-${id}-hold-breached`);
  });

  it.each([null, "900.00"])("is frozen again too where only its month was lifted, to %s", async (monthly) => {
    const id = await world.contained();
    await world.admin.setCaps("agent-7", "0.00", monthly);
    await world.contain(id);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect((await view(id)).reassertions).toBe(1);
  });

  it("is tried again where the gateway does not take the freeze back at once", async () => {
    const id = await world.contained();
    await lift();
    const error = new TourniquetError("gateway-failed", "500");
    const gateway = { ...world.ports.gateway, setBudget: async () => ({ outcome: "unknown", error }) as const };
    await expect(world.contain(id, { gateway })).rejects.toMatchObject({
      code: "containment-incomplete",
      message: expect.stringContaining("not back yet"),
    });
    await world.contain(id);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00" });
  });

  it("for the third time, its wallet is frozen, once; a stand-down gives it back", async () => {
    const id = await world.contained();
    for (let breach = 1; breach <= 4; breach += 1) {
      await lift();
      await world.contain(id);
      expect((await world.agent()).isFrozen).toBe(breach >= 3);
    }
    expect(await world.admin.effects("wallet.frozen")).toHaveLength(1);
    expect((await view(id)).timeline.filter(({ what }) => what === "wallet-frozen")).toHaveLength(1);

    await world.services.incidents.beginStandDown(id, "ada", "planned");
    const abort = new AbortController().signal;
    expect(await standDown(world.ports, { incidentId: id }, abort)).toEqual({ answer: "restored" });
    expect(await world.agent()).toMatchObject({ isFrozen: false, caps: { daily: "500.00", monthly: "15000.00" } });
  });

  it("and no key may freeze the wallet, that is said, and the cap is held on", async () => {
    const id = await world.contained();
    const error = new TourniquetError("gateway-refused", "admin scope required");
    const gateway = {
      ...world.ports.gateway,
      setWalletFrozen: async () => ({ outcome: "not-done", error }) as const,
    };
    for (let breach = 1; breach <= 3; breach += 1) {
      await lift();
      await world.contain(id, { gateway });
    }
    expect(await view(id)).toMatchObject({ status: "contained", reassertions: 3, walletFrozenAt: null });
    expect((await view(id)).timeline.at(-1)).toMatchObject({
      what: "wallet-not-frozen",
      detail: { message: "admin scope required" },
    });
    expect((await world.agent()).caps.daily).toBe("0.00");
  });
});

describe("when escrows slip past the freeze, through the batch route that looks at no cap", () => {
  const slip = (count: number) => {
    const params = { payer: "agent-7", payee: "flaky-upstream", amount: 150 };
    return world.callAs("agent-7", "POST", "/v1/batch", {
      calls: Array.from({ length: count }, () => ({ tool: "create_escrow", params })),
    });
  };

  it("they are swept, their dollars come back, and it counts as a breach", async () => {
    const id = await world.contained();
    expect(await slip(3)).toBe(200);
    expect((await world.agent()).escrows).toMatchObject({ held: 3 });
    expect(await world.contain(id)).toEqual({ answer: "held" });
    expect(await world.agent()).toMatchObject({ locked: "0.00", escrows: { held: 0, refunded: 3 } });
    const { reassertions, dollars, timeline } = await view(id);
    expect(reassertions).toBe(1);
    expect(dollars).toEqual({ locked: "450.00", recovered: "450.00", lost: "0.00" });
    expect(timeline.find(({ what }) => what === "hold-breached")?.detail).toEqual({
      capsLifted: false,
      escrowsSwept: 3,
    });
  });

  it("they are swept before the wallet is frozen: a frozen wallet takes no refund", async () => {
    const id = await world.contained();
    for (let breach = 1; breach <= 3; breach += 1) {
      await slip(2);
      await world.contain(id);
    }
    expect(await world.agent()).toMatchObject({ isFrozen: true, escrows: { held: 0, refunded: 6 } });
  });

  it("and cannot be swept, the hold is not called held, and the wallet stays open for the refunds", async () => {
    const id = await world.contained();
    const error = new TourniquetError("gateway-refused", "not now");
    const gateway = {
      ...world.ports.gateway,
      cancelEscrow: async () => ({ outcome: "not-done", error }) as const,
    };
    await slip(1);
    for (let breach = 1; breach <= 4; breach += 1)
      await expect(world.contain(id, { gateway })).rejects.toMatchObject({ code: "containment-incomplete" });
    expect((await world.agent()).isFrozen).toBe(false);
    await world.contain(id);
    expect((await world.agent()).escrows).toMatchObject({ held: 0, refunded: 1 });
  });
});
