import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, linkHash } from "../../src/incident/ledger.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const linesOf = (incidentId: string) => stores.redis.lrange(`{tq:0}:incident:${incidentId}:ledger`, 0, -1);

describe("the ledger as Redis chains it", () => {
  it("has the hash of every line and of the one before, and each line in canonical JSON", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", '"', "\\", "/", "\n", "\u0001", "\u007f", "\u2028", "ä", "💥"),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.string({ maxLength: 3_000 }), async (name, detail) => {
        const agentId = `agent-${name}-${Math.random()}`;
        const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
        await stores.incidents.note(incidentId, "contain", name || "x", { z: detail, a: 1.5, list: [null, true] });
        await stores.incidents.recordReceipt(incidentId, name, "contain", { detail });
        const lines = await linesOf(incidentId);
        expect(lines).toHaveLength(3);
        let previous = incidentId;
        for (const [index, stored] of lines.entries()) {
          const [hash, line] = [stored.slice(0, 64), stored.slice(65)];
          expect(hash).toBe(linkHash(previous, line));
          expect(canonicalJson(JSON.parse(line))).toBe(line);
          expect(JSON.parse(line).seq).toBe(index + 1);
          previous = hash;
        }
      }),
      { seed: 5, numRuns: 30 },
    );
  });
});
