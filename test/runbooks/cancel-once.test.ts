import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorCodes, isTransient, TourniquetError } from "../../src/errors.ts";
import { keys } from "../../src/redis/keys.ts";
import { cancelOnce } from "../../src/runbooks/cancel-once.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { anEscrow, type EscrowGateway, escrowGateway, notDone, unclear } from "./escrow-gateway.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
let gate: EscrowGateway;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
const escrow = anEscrow("esc-1");
beforeEach(async () => {
  await stores.redis.flushdb();
  gate = escrowGateway([[escrow]]);
});

/** One worker. Waits are over at once; `meanwhile` is what happens during the first ones. */
async function worker(meanwhile: (() => unknown)[] = []) {
  const { incidentId } = await stores.incidents.open(openRequest());
  const ports = stepPorts(stores, gate.gateway);
  const wait = async () => {
    await meanwhile.shift()?.();
  };
  const incident = (await stores.incidents.load(incidentId))!;
  const context = { ports: { ...ports, clock: { ...ports.clock, wait } }, incident, signals: [] };
  return { run: (abort = new AbortController().signal) => cancelOnce({ ...context, abort }, escrow) };
}
const cancels = () => gate.calls.filter((call) => call.startsWith("cancel")).length;
const leaseAndGraceEnd = () => stores.redis.hset(keys.action(0, "cancel:esc-1"), "exp", 0);

describe("an escrow", () => {
  it("is cancelled with one call, and never again whoever asks", async () => {
    const { run } = await worker();
    expect(await run()).toEqual({ result: "recovered", reason: "cancelled" });
    expect(await run()).toEqual({ result: "recovered", reason: "cancelled before", isOnlySeen: true });
    expect(gate.calls).toEqual(["cancel esc-1"]);
  });

  it("is cancelled once by ten workers at the same time", async () => {
    const ends = await Promise.all(Array.from({ length: 10 }, async () => (await worker()).run()));
    expect(ends.every(({ result }) => result === "recovered")).toBe(true);
    expect(cancels()).toBe(1);
  });

  it("whose end the gateway does not name with its yes is asked for it", async () => {
    gate.script.set("esc-1", [{ becomes: "refunded", answer: { outcome: "done", value: { state: "unknown" } } }]);
    expect(await (await worker()).run()).toMatchObject({ result: "recovered" });
    expect(gate.calls).toEqual(["cancel esc-1", "read esc-1"]);
  });
});

describe("after an unclear answer", () => {
  it("the escrow is not cancelled again for an incident that was called off while it was waited for", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const callOff = async () => {
      const [incident] = await stores.incidents.list(1);
      await stores.incidents.beginStandDown(incident!.id, "mira", "false alarm");
      await leaseAndGraceEnd();
    };
    await expect((await worker([callOff])).run()).rejects.toThrow("nothing more is cancelled");
    expect(cancels()).toBe(1);
    expect(gate.states.get("esc-1")).toBe("held");
  });

  it("the escrow is read until it shows what happened, and not cancelled again", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const late = () => gate.states.set("esc-1", "refunded");
    const { run } = await worker([() => undefined, () => undefined, late]);
    expect(await run()).toMatchObject({ result: "recovered", reason: "found so while another request was out" });
    expect(gate.calls).toEqual(["cancel esc-1", "read esc-1", "read esc-1", "read esc-1"]);
  });

  it("it is cancelled again only when the first request can no longer land, and read before that", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const { run } = await worker([() => undefined, leaseAndGraceEnd]);
    expect(await run()).toMatchObject({ result: "recovered" });
    expect(gate.calls.filter((call) => call.startsWith("cancel"))).toHaveLength(2);
    expect(gate.calls.at(-2)).toBe("read esc-1");
  });

  it("it is not cancelled again when only the lease is over: the gateway may still be at the first request", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const leaseEnds = async () => stores.redis.hset(keys.action(0, "cancel:esc-1"), "exp", await stores.clock.now());
    const late = () => gate.states.set("esc-1", "refunded");
    const { run } = await worker([leaseEnds, () => undefined, () => undefined, late]);
    expect(await run()).toMatchObject({ result: "recovered" });
    expect(cancels()).toBe(1);
  });

  it("thrice, the attempt gives its place back, and the next one waits for what is on its way", async () => {
    gate.script.set("esc-1", [{ answer: unclear }, { answer: unclear }, { answer: unclear }]);
    const { run } = await worker([leaseAndGraceEnd, leaseAndGraceEnd, () => gate.states.set("esc-1", "refunded")]);
    expect(await run()).toEqual({ result: "failed", reason: "no answer" });
    expect(await run()).toMatchObject({ result: "recovered", reason: "found so while another request was out" });
    expect(cancels()).toBe(3);
  });

  it("it is not cancelled again where the first request landed at the last moment", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const { run } = await worker([
      async () => {
        await leaseAndGraceEnd();
      },
    ]);
    const real = gate.gateway.readEscrow;
    // The read of whoever watches still sees it held; the one after the new claim does not.
    gate.gateway.readEscrow = async (...args) => {
      const seen = await real(...args);
      gate.states.set("esc-1", "refunded");
      return seen;
    };
    expect(await run()).toMatchObject({ result: "recovered", reason: "found so after an unclear answer" });
    expect(cancels()).toBe(1);
  });

  it("another worker waits and reads too, instead of cancelling", async () => {
    gate.script.set("esc-1", [{ answer: unclear }]);
    const stop = new AbortController();
    const first = await worker([() => stop.abort(new Error("killed"))]);
    await expect(first.run(stop.signal)).rejects.toThrow("killed");
    const second = await worker([() => undefined, () => gate.states.set("esc-1", "settled")]);
    expect(await second.run()).toEqual({
      result: "lost",
      isOnlySeen: true,
      reason: "released to the payee before we could cancel",
    });
    expect(cancels()).toBe(1);
  });
});

const ends = [
  ["refunded", "recovered"],
  ["expired", "recovered"],
  ["settled", "lost"],
  ["held", "failed"],
] as const;
const gatewayCodes = errorCodes.filter((code) => /^gateway-|^conflict$|^not-found$/.test(code));
const codesOf = (transient: boolean) =>
  gatewayCodes.filter((code) => isTransient(new TourniquetError(code, code)) === transient);
const forGood = codesOf(false).flatMap((code) => ends.map(([state, result]) => ({ code, state, result })));

describe("when the gateway refuses", () => {
  it.each(forGood)("for good ($code), the escrow is read: $state means $result", async ({ code, state, result }) => {
    gate.script.set("esc-1", [{ becomes: state, answer: notDone(code) }]);
    const { run } = await worker();
    expect(await run()).toMatchObject({ result });
    expect(gate.calls).toEqual(["cancel esc-1", "read esc-1"]);
  });

  it("and still holds it, the next attempt may try again at once", async () => {
    gate.script.set("esc-1", [{ answer: notDone("gateway-refused") }]);
    const { run } = await worker();
    expect(await run()).toMatchObject({ result: "failed" });
    expect(await run()).toMatchObject({ result: "recovered" });
    expect(cancels()).toBe(2);
  });

  it("and cannot show it either, the next attempt may try at once as well: nothing is on its way", async () => {
    gate.script.set("esc-1", [{ answer: notDone("gateway-misconfigured") }]);
    const real = gate.gateway.readEscrow;
    gate.gateway.readEscrow = async () => {
      throw new TourniquetError("gateway-misconfigured", "no API key");
    };
    const { run } = await worker();
    await expect(run()).rejects.toThrow("no API key");
    await expect(run()).rejects.toThrow("no API key");
    gate.gateway.readEscrow = real;
    expect(await run()).toMatchObject({ result: "recovered" });
    expect(gate.calls).toEqual(["cancel esc-1", "read esc-1", "cancel esc-1"]);
  });

  it.each(codesOf(true))(
    "for now (%s), the escrow goes back into the line, free for whoever comes next",
    async (code) => {
      gate.script.set("esc-1", [{ answer: notDone(code) }]);
      const { run } = await worker();
      expect(await run()).toMatchObject({ result: "again", error: { code } });
      expect(gate.calls).toEqual(["cancel esc-1"]);
      expect(await run()).toMatchObject({ result: "recovered" });
    },
  );
});

describe("reading an escrow", () => {
  it("is repeated while the gateway only fails, and given up where it never answers", async () => {
    gate.script.set("esc-1", [{ becomes: "refunded", answer: notDone("gateway-refused") }]);
    const real = gate.gateway.readEscrow;
    let failures = 4;
    gate.gateway.readEscrow = async (...args) => {
      failures -= 1;
      if (failures >= 0) throw new TourniquetError("gateway-failed", "500");
      return real(...args);
    };
    expect(await (await worker()).run()).toMatchObject({ result: "recovered" });

    failures = 5;
    gate.states.set("esc-1", "held");
    await stores.redis.flushdb();
    gate.script.set("esc-1", [{ answer: notDone("gateway-refused") }]);
    await expect((await worker()).run()).rejects.toMatchObject({ code: "gateway-failed" });
  });
});

describe("a worker that lost its job", () => {
  it("starts no cancel any more", async () => {
    const { run } = await worker();
    await expect(run(AbortSignal.abort(new Error("lock lost")))).rejects.toThrow("lock lost");
    expect(gate.calls).toEqual([]);
  });
});
