import { afterAll, beforeAll, expect, it } from "vitest";
import type { CascadeSignal } from "../../src/incident/cascade.ts";
import { openStores, type Stores } from "./open-stores.ts";

let joining: Stores;
let reading: Stores;
beforeAll(async () => {
  [joining, reading] = [await openStores(), await openStores()];
});
afterAll(() => Promise.all([joining.close(), reading.close()]));

const WINDOW_MS = 300_000;
const critical = (agentId: string, at: number): CascadeSignal => ({
  signalId: `sig-${agentId}`,
  agentId,
  kind: "escrow-burst",
  severity: "critical",
  at,
  z: null,
  outflow: "0.00",
  wallet: null,
  suspectPayee: null,
  marks: ["critical"],
});
const join = (signal: CascadeSignal) => joining.cascades.join(signal, { windowMs: WINDOW_MS, agents: 2 });

it("a cascade that is merged into another while it is read is never shown empty", async () => {
  for (let run = 0; run < 20; run += 1) {
    await joining.redis.flushdb();
    const now = await joining.clock.now();
    for (const [agentId, at] of [
      ["a", 0],
      ["b", 0],
      ["c", WINDOW_MS + 1],
      ["d", WINDOW_MS + 1],
    ] as const)
      await join(critical(agentId, now - at));
    const [, second] = (await reading.cascades.list(2)).map(({ id }) => id).sort();
    const [, ...seen] = await Promise.all([
      join(critical("e", now - 1_000)),
      ...Array.from({ length: 20 }, () => reading.cascades.load(second!)),
    ]);
    expect((await reading.cascades.load(second!))?.signals.length).toBe(5);
    expect(seen.map((cascade) => cascade?.signals.length).filter((count) => count !== 2 && count !== 5)).toEqual([]);
  }
});
