import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { patient } from "../../src/greenhelix/patient.ts";
import { createWorld, type World } from "../support/world.ts";

describe("a command that sets up, at a gateway", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ workers: [], ticker: false });
  });
  afterAll(() => world.close());

  /** Refuses so many reads first. */
  const refusing = (code: "gateway-failed" | "gateway-refused", times: number) => {
    const asked: (number | undefined)[] = [];
    const { gateway } = world.services;
    const listWebhooks: typeof gateway.listWebhooks = async (agentId, options) => {
      asked.push(options?.deadlineMs);
      if (asked.length <= times) throw new TourniquetError(code, "not now", { retryAfterMs: 5 });
      return gateway.listWebhooks(agentId, options);
    };
    return { asked, gateway: Object.assign(Object.create(gateway) as typeof gateway, { listWebhooks }) };
  };

  it("that is away for a moment asks again, with 10 s for each answer", async () => {
    const { asked, gateway } = refusing("gateway-failed", 2);
    expect(await patient(gateway).listWebhooks("tourniquet")).toEqual([]);
    expect(asked).toEqual([10_000, 10_000, 10_000]);
  });

  it("that stays away gives up with what it said last", async () => {
    const { asked, gateway } = refusing("gateway-failed", 9);
    await expect(patient(gateway).listWebhooks("tourniquet")).rejects.toThrow("not now");
    expect(asked).toHaveLength(3);
  });

  it("that refuses for good asks once", async () => {
    const { asked, gateway } = refusing("gateway-refused", 9);
    await expect(patient(gateway).listWebhooks("tourniquet")).rejects.toThrow("not now");
    expect(asked).toHaveLength(1);
  });
});
