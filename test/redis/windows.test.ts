import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatMoney } from "../../src/incident/money.ts";
import type { WindowEntry } from "../../src/incident/windows.ts";
import { keys } from "../../src/redis/keys.ts";
import { escrows, MINUTE_MS, noon } from "../detect/rules/windows.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const observe = async (agentId: string, entries: readonly WindowEntry[]) => {
  let view = null;
  for (const entry of entries) view = await stores.windows.observeEscrow(agentId, entry);
  return view!;
};
const principalAt = async (agentId: string, minute: number) =>
  formatMoney(
    ((await observe(agentId, escrows(1, { from: noon + 300 * MINUTE_MS }))).principalByMinute.get(minute) ??
      0n) as never,
  );

describe("a payer's window", () => {
  it("gives back each escrow as it was, whatever its ids look like, and the principal of its minute exactly", async () => {
    const entry = {
      escrowId: "esc 1/ä%20",
      payee: "payee  with spaces",
      amount: "0.00000001",
      at: noon,
      eventId: "evt-0-a",
      end: null,
    };
    const view = await observe("agent-1", [entry, { ...entry, escrowId: "esc 2", amount: "46800.10" }]);
    expect(view.entries).toEqual([entry, { ...entry, escrowId: "esc 2", amount: "46800.10" }]);
    expect(formatMoney(view.principalByMinute.get(noon / MINUTE_MS)!)).toBe("46800.10000001");
  });

  it("keeps the most that it can hold where a minute's principal is more", async () => {
    const [entry] = escrows(1);
    const huge = { ...entry!, amount: "90000000000.00" };
    await observe("agent-1-huge", [huge, { ...huge, escrowId: "esc-more" }, { ...entry!, escrowId: "esc-small" }]);
    const view = await observe("agent-1-huge", [{ ...huge, escrowId: "esc-most", amount: "999999999999999.00" }]);
    expect(formatMoney(view.principalByMinute.get(noon / MINUTE_MS)!)).toBe("92233720368.54775807");
    expect(view.entries).toHaveLength(4);
  });

  it("counts an escrow once, whoever tells of it again and with whatever time", async () => {
    const [entry] = escrows(1);
    const view = await observe("agent-2", [entry!, { ...entry!, eventId: "evt-0-poller", at: noon + 5_000 }]);
    expect(view.entries).toEqual([entry]);
    expect(formatMoney(view.principalByMinute.get(noon / MINUTE_MS)!)).toBe("150.00");
  });

  it("shows what lies within 5 minutes either side of the event", async () => {
    const at = (ms: number) => escrows(1, { from: noon + ms })[0]!;
    await observe("agent-3", [at(-300_001), at(-300_000), at(300_000), at(300_001)]);
    const view = await observe("agent-3", [at(0)]);
    expect(view.entries.map((entry) => entry.at - noon)).toEqual([-300_000, 0, 300_000]);
  });

  it("keeps the newest 80, and counts none of the others twice when they are told of again", async () => {
    const many = escrows(130, { everyMs: 100 });
    await observe("agent-4", many);
    const again = await observe("agent-4", many.slice(0, 40));
    expect(again.entries.map(({ escrowId }) => escrowId)).toEqual(many.slice(50).map(({ escrowId }) => escrowId));
    expect(await principalAt("agent-4", noon / MINUTE_MS)).toBe("19500.00");
    expect(await stores.redis.llen(keys.window(0, "agent-4"))).toBe(80);
  });

  it("keeps two hours of minutes for the baseline", async () => {
    const view = await observe("agent-5", escrows(125, { everyMs: MINUTE_MS }));
    const minutes = [...view.principalByMinute.keys()].sort((a, b) => a - b);
    expect(minutes).toHaveLength(120);
    expect(minutes[0]).toBe(noon / MINUTE_MS + 5);
  });

  it("tells of the agent's epoch, its open incident and when its caps were seen", async () => {
    expect(await observe("agent-6", escrows(1))).toMatchObject({ epoch: 0, openIncident: null, capsSeenAt: null });
    await stores.caps.see("agent-6", { dailyCap: null, monthlyCap: null, alertThreshold: undefined });
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-6" }));
    expect(await observe("agent-6", escrows(1))).toMatchObject({
      epoch: 1,
      openIncident: incidentId,
      capsSeenAt: expect.any(Number),
    });
  });

  it("starts afresh after a stand-down: what was a false alarm is not held against the agent", async () => {
    await observe("agent-7", escrows(7));
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-7" }));
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    expect((await observe("agent-7", escrows(1, { from: noon + 9_000 }))).entries).toHaveLength(1);
  });

  it("is forgotten an hour after the last escrow, the baseline after a week", async () => {
    await observe("agent-8", escrows(1));
    expect(Math.round((await stores.redis.pttl(keys.window(0, "agent-8"))) / MINUTE_MS)).toBe(60);
    expect(Math.round((await stores.redis.pttl(keys.principal(0, "agent-8"))) / 86_400_000)).toBe(7);
  });
});
