import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSignal, openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** What an agent or the gateway can say, and no text in UTF-8 can. */
const half = "payee \ud83d";
const mended = "payee \ufffd";

describe("half a character, which the JSON of Lua refuses,", () => {
  it("in the payee of an escrow, in why it failed and in its name keeps none from being recorded, nor its dollars counted", async () => {
    const { incidentId } = await stores.incidents.open(openRequest(aSignal({ suspectPayee: half })));
    const escrow = { escrowId: half, payee: half, amount: "1.00", result: "failed", reason: half } as const;
    await stores.incidents.recordEscrows(incidentId, [escrow]);
    await stores.incidents.recordEscrows(incidentId, [{ ...escrow, result: "lost" }]);
    const view = (await stores.incidents.view(incidentId))!;
    expect(view.escrows).toEqual([{ ...escrow, escrowId: mended, payee: mended, reason: mended, result: "lost" }]);
    expect(view.dollars).toMatchObject({ lost: "1.00", locked: "1.00" });
    expect(view.signals.map(({ suspectPayee }) => suspectPayee)).toEqual([mended]);
  });

  it("in a mark keeps no cascade from being joined and closed", async () => {
    const at = await stores.clock.now();
    const critical = {
      kind: "escrow-burst",
      severity: "critical",
      at,
      z: null,
      outflow: "0.00",
      wallet: null,
    } as const;
    const join = (agentId: string) =>
      stores.cascades.join(
        { ...critical, signalId: `sig-${agentId}`, agentId, suspectPayee: half, marks: ["critical", `payee ${half}`] },
        { windowMs: 300_000, agents: 2 },
      );
    await join("a");
    const { cascadeId } = await join("b");
    expect(cascadeId).not.toBeNull();
    await stores.cascades.close(cascadeId!);
    expect((await stores.cascades.load(cascadeId!))?.closedAt).not.toBeNull();
  });

  it("in why a delivery was refused keeps it from no quarantine", async () => {
    await stores.inbox.quarantine({ reason: half, status: 422, body: String.raw`{"payee":"\ud83d"}` });
    const [entry] = await stores.inbox.quarantined({ limit: 1, before: null });
    expect(entry).toMatchObject({ reason: mended, body: String.raw`{"payee":"\ud83d"}` });
  });
});
