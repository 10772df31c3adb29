import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recoveryOrder } from "../../src/recover/order.ts";

/** Any payments among up to eight agents, circles included; `from` and `to` lie as time has it, and say nothing of who pays. */
const links = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const agent = fc.integer({ min: 0, max: count - 1 }).map((n) => `a${n}`);
  const edge = fc.record({ from: agent, to: agent, fromPays: fc.option(fc.boolean(), { nil: undefined }) });
  return fc.record({
    times: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: count, maxLength: count }),
    root: agent,
    edges: fc.array(edge, { maxLength: 20 }),
  });
});
type Drawn = typeof links extends fc.Arbitrary<infer D> ? D : never;

const signal = (at: number) => ({ id: "s", kind: "escrow-burst", severity: "critical", at, z: null, outflow: "0.00" });
const linksOf = ({ times, root, edges }: Drawn) => ({
  rootCause: { agentId: root, why: "drawn" },
  members: times.map((at, n) => ({ agentId: `a${n}`, signals: [signal(at), signal(at + 1)] })),
  edges: edges.map(({ from, to, fromPays }) => ({
    ...{ from, to, why: "drawn" },
    ...(fromPays !== undefined && { payer: fromPays ? from : to }),
  })),
});
const settings = { seed: 20_261_122, numRuns: 500 };

describe("the order in which the agents of any cascade recover (R4)", () => {
  it("has everybody once, the root cause first, and waits for earlier ones only: so there is no circle", () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const order = recoveryOrder(linksOf(drawn));
        const names = order.map(({ agentId }) => agentId);
        expect([...names].sort()).toEqual(drawn.times.map((_, n) => `a${n}`).sort());
        expect(order[0]).toEqual({ agentId: drawn.root, after: [] });
        for (const [place, { after }] of order.entries()) {
          expect(after.every((one) => names.indexOf(one) < place)).toBe(true);
          if (place > 0) expect(after).toContain(drawn.root);
        }
      }),
      settings,
    );
  });

  it("is the same whatever order members and reasons are listed in", () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const given = linksOf(drawn);
        const turned = { ...given, members: [...given.members].reverse(), edges: [...given.edges].reverse() };
        const sorted = (order: ReturnType<typeof recoveryOrder>) =>
          order.map(({ agentId, after }) => ({ agentId, after: [...after].sort() }));
        expect(sorted(recoveryOrder(turned))).toEqual(sorted(recoveryOrder(given)));
      }),
      settings,
    );
  });

  it("gives up a dependency only where it is part of a circle, or the root cause's own", () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const given = linksOf(drawn);
        const order = recoveryOrder(given);
        const pays = (agentId: string) =>
          given.edges.flatMap(({ from, to, payer }) =>
            payer === agentId && from !== to ? [payer === from ? to : from] : [],
          );
        // The root cause waits for nobody, so nothing leads on from it.
        const reaches = (agentId: string, seen = new Set<string>()): Set<string> => {
          for (const one of agentId === drawn.root ? [] : pays(agentId))
            if (!seen.has(one)) reaches(one, seen.add(one));
          return seen;
        };
        for (const { agentId, after } of order)
          for (const payee of pays(agentId))
            if (agentId !== drawn.root && !reaches(payee).has(agentId)) expect(after).toContain(payee);
      }),
      settings,
    );
  });
});
