import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { escrows, MINUTE_MS, noon } from "../detect/rules/windows.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** As our ids are: 32 hex digits. */
const eventId = () => `evt-0-${randomUUID().replaceAll("-", "")}`;

describe("an agent that has filled everything we keep of its money", () => {
  it("takes less than 20 KB of Redis (Q6)", async () => {
    for (const { at, payee, escrowId } of escrows(130, { everyMs: MINUTE_MS })) {
      const escrow = { escrowId: `esc-${escrowId.slice(-20)}`, payee, amount: "150.00", at, eventId: eventId() };
      await stores.windows.observeEscrow("agent-7", escrow);
      const end = { ...escrow, state: "refunded", at: at + 30_000, eventId: eventId() } as const;
      await stores.windows.observeEnd("agent-7", end);
    }
    for (let index = 0; index < 400; index += 1)
      await stores.windows.observeOutflow("agent-7", {
        transactionId: `tx-${index}`,
        payee: "the gateway's fees",
        amount: "2.25",
        at: noon + index * 20_000,
        eventId: eventId(),
      });
    await stores.standing.observe("agent-7", { score: 0.85, at: noon, eventId: eventId() });
    const outflow = keys.outflow(0, "agent-7");
    const all = [keys.window(0, "agent-7"), keys.principal(0, "agent-7"), outflow, keys.standing(0, "agent-7")];
    const sizes = await Promise.all(
      [...all, `${outflow}:rows`, `${outflow}:seen`].map((key) => stores.redis.memory("USAGE", key, "SAMPLES", 0)),
    );
    expect(sizes.reduce((total: number, size) => total + (size ?? 0), 0)).toBeLessThan(20_000);
  });
});
