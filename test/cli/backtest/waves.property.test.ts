import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Told } from "../../../src/cli/backtest/trace.ts";
import { conflictsBetween, wavesOf } from "../../../src/cli/backtest/waves.ts";
import { readSettings } from "../../../src/settings/settings.ts";

const fleet = (wallets: Record<string, string>) =>
  readSettings(
    `fleet:\n  agents:\n${Object.entries(wallets)
      .map(([id, wallet]) => `    - { id: ${id}, wallet: ${wallet} }`)
      .join("\n")}`,
    {},
  );
/** a and b share a wallet today; b and c share one in a candidate. */
const conflicts = conflictsBetween([fleet({ a: "ops", b: "ops" }), fleet({ b: "till", c: "till" })]);
const apart = new Set(["ab", "ba", "bc", "cb"]);

const told = (agentId: string, index: number): Told => {
  const raw = JSON.stringify({ event_type: "budget_threshold", agent_id: agentId, payload: { utilization_pct: 1 } });
  const stored = { id: `evt-0-${index}`, raw, type: "budget_threshold", agentId, source: "webhook" } as const;
  return { line: index + 1, stored: { ...stored, receivedAt: 0, disposition: null, reason: null, verdicts: [] } };
};

async function waves(agentIds: readonly string[]): Promise<string[][]> {
  async function* trace() {
    yield* agentIds.map(told);
  }
  const found: string[][] = [];
  for await (const wave of wavesOf(trace(), conflicts))
    found.push(wave.map(({ told }) => `${told.stored.agentId} ${told.line}`));
  return found;
}

describe("events that are judged at once", () => {
  it("are those of the trace, in its order, of different agents, no two of one wallet of any candidate", async () => {
    const agent = fc.constantFrom("a", "b", "c", "d", "e", "f");
    await fc.assert(
      fc.asyncProperty(fc.array(agent, { maxLength: 60 }), async (agentIds) => {
        const found = await waves(agentIds);
        expect(found.flat()).toEqual(agentIds.map((id, index) => `${id} ${index + 1}`));
        for (const wave of found) {
          const agents = wave.map((one) => one.split(" ")[0]!);
          expect(new Set(agents).size).toBe(agents.length);
          expect(agents.flatMap((one) => agents.map((other) => one + other)).filter((pair) => apart.has(pair))).toEqual(
            [],
          );
        }
      }),
      { seed: 2_47, numRuns: 100 },
    );
  });

  it("are 32 at most", async () => {
    const found = await waves(Array.from({ length: 70 }, (_, index) => `agent-${index}`));
    expect(found.map((wave) => wave.length)).toEqual([32, 32, 6]);
  });
});
