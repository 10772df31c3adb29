import { describe, expect, it } from "vitest";
import { FloodGuard, type FloodLimits } from "../../src/http/flood-guard.ts";
import { budgetEvent, openApi } from "./api.ts";

function guardAt(limits: Partial<FloodLimits> = {}) {
  let now = 1_000_000;
  const guard = new FloodGuard(limits, () => now);
  const enters = (address = "203.0.113.7") => {
    const entrance = guard.enter(address, () => undefined);
    if (entrance.answer === "in") entrance.place.leave();
    return entrance.answer;
  };
  const refuse = (times: number, address = "203.0.113.7") => {
    for (let i = 0; i < times; i++) guard.refused(address);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { guard, enters, refuse, pass };
}

describe("an address with bad signatures", () => {
  it("is blocked for a minute after more than ten in a minute, and nobody else is", () => {
    const { enters, refuse, pass } = guardAt();
    refuse(10);
    expect(enters()).toBe("in");
    refuse(1);
    expect([enters(), enters("203.0.113.8")]).toEqual(["flood", "in"]);
    pass(59_999);
    expect(enters()).toBe("flood");
    pass(1);
    expect(enters()).toBe("in");
  });

  it("starts again from none after a minute", () => {
    const { enters, refuse, pass } = guardAt();
    refuse(10);
    pass(60_000);
    refuse(10);
    expect(enters()).toBe("in");
  });

  it("is never blocked within an hour of a good one: a rotated secret must not silence the gateway", () => {
    const { guard, enters, refuse, pass } = guardAt();
    guard.verified("203.0.113.7");
    pass(3_599_999);
    refuse(100);
    expect(enters()).toBe("in");
    pass(60_001);
    refuse(100);
    expect(enters()).toBe("flood");
  });

  it("is let in at once where it proves itself while it is blocked", () => {
    const { guard, enters, refuse } = guardAt();
    refuse(11);
    guard.verified("203.0.113.7");
    expect(enters()).toBe("in");
  });

  it("is never blocked if it is loopback, which is everybody behind a local proxy", () => {
    const { enters, refuse } = guardAt();
    refuse(100, "::ffff:127.0.0.1");
    expect(enters("::ffff:127.0.0.1")).toBe("in");
  });
});

describe("the limits on what comes at once", () => {
  it("hold per address and over all, and let in again in the next second", () => {
    const { enters, pass } = guardAt({ perSecond: 3, perSecondAndAddress: 2 });
    expect([enters("a"), enters("a"), enters("a"), enters("b"), enters("c")]).toEqual([
      "in",
      "in",
      "flood",
      "in",
      "flood",
    ]);
    pass(1_000);
    expect([enters("a"), enters("c")]).toEqual(["in", "in"]);
  });

  it("count who is inside, and let the next in when one leaves", () => {
    const { guard } = guardAt({ concurrent: 1 });
    const first = guard.enter("a", () => undefined);
    expect([first.answer, guard.enter("b", () => undefined).answer]).toEqual(["in", "flood"]);
    if (first.answer === "in") first.place.leave();
    expect(guard.enter("b", () => undefined).answer).toBe("in");
  });

  it("are answered 429 with the time to wait, and store nothing", async () => {
    const api = await openApi({ floodLimits: { perSecondAndAddress: 0 } });
    try {
      const { status, headers, body } = await api.post(budgetEvent());
      expect([status, headers.get("retry-after"), body.type]).toEqual([429, "1", "urn:tourniquet:problem:flood"]);
      expect((await api.stored()).stats.accepted).toBe(0);
    } finally {
      await api.close();
    }
  });
});
