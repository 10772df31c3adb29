import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Escrow } from "../../src/incident/gateway.ts";
import { formatMoney, money } from "../../src/incident/money.ts";
import { escrowExploitation } from "../../src/runbooks/escrow-exploitation.ts";
import { runawaySpending } from "../../src/runbooks/runaway-spending.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { takeBack } from "../../src/runbooks/take-back.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { anEscrow, escrowGateway, notDone } from "./escrow-gateway.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

async function containing(
  pages: readonly (readonly Escrow[])[],
  suspectPayee: string | null = "flaky-upstream",
  concurrency = 64,
) {
  const gate = escrowGateway(pages);
  const signal = aSignal({ suspectPayee });
  const { incidentId } = await stores.incidents.open(openRequest(signal));
  const ports = stepPorts(stores, gate.gateway);
  const context = {
    ports: { ...ports, limits: { ...ports.limits, concurrency } },
    incident: (await stores.incidents.load(incidentId))!,
    signals: [signal],
    abort: new AbortController().signal,
  };
  return { gate, context, incidentId, records: async () => [...(await stores.incidents.escrows(incidentId)).values()] };
}
const big = (id: string, dollars: string, payee = "flaky-upstream") => anEscrow(id, { amount: money(dollars), payee });

describe("taking escrows back", () => {
  it("treats the suspect payee first, then the largest", async () => {
    const page = [
      big("small", "1.00"),
      big("other-large", "900.00", "x"),
      big("large", "80.00"),
      big("other", "5.00", "y"),
    ];
    const { gate, context } = await containing([page], "flaky-upstream", 1);
    await takeBack(context, "all");
    expect(gate.calls).toEqual(["cancel large", "cancel small", "cancel other-large", "cancel other"]);
  });

  it("takes the largest first where nobody is suspected", async () => {
    const { gate, context } = await containing([[big("a", "1.00"), big("b", "900.00"), big("c", "80.00")]], null, 1);
    await takeBack(context, "all");
    expect(gate.calls).toEqual(["cancel b", "cancel c", "cancel a"]);
  });

  it("goes through every page, and begins before the last one is read", async () => {
    const pages = Array.from({ length: 7 }, (_, page) =>
      Array.from({ length: 50 }, (_, row) => anEscrow(`esc-${page}-${row}`)),
    );
    const { gate, context, records } = await containing(pages);
    const list = gate.gateway.listEscrows;
    let readAfter = 0;
    gate.gateway.listEscrows = async function* (...args) {
      for await (const page of list(...args)) {
        if (gate.calls.length > 0) readAfter += 1;
        yield page;
      }
    };
    expect(await takeBack(context, "all")).toEqual({ found: 350, failed: 0 });
    expect(new Set(gate.calls).size).toBe(350);
    expect(readAfter).toBeGreaterThan(0);
    expect((await records()).every(({ result }) => result === "recovered")).toBe(true);
  });

  it("never touches escrows in which the agent is payee", async () => {
    const mine = anEscrow("mine");
    const theirs = anEscrow("theirs", { payer: "someone", payee: "agent-7" });
    const { gate, context, records } = await containing([[theirs, mine]]);
    expect(await takeBack(context, "all")).toEqual({ found: 1, failed: 0 });
    expect(gate.calls).toEqual(["cancel mine"]);
    expect((await records()).map(({ escrowId }) => escrowId)).toEqual(["mine"]);
  });

  it("cancels only the suspect's where the runbook says so, and says of the others why not", async () => {
    const { gate, context, records } = await containing([
      [anEscrow("suspect"), anEscrow("honest", { payee: "honest" })],
    ]);
    expect(await takeBack(context, "suspect-payee")).toEqual({ found: 1, failed: 0 });
    expect(gate.calls).toEqual(["cancel suspect"]);
    expect(await records()).toContainEqual({
      escrowId: "honest",
      payee: "honest",
      amount: "150.00",
      result: "skipped",
      reason: "not to the suspect payee",
    });
  });

  it("skips what cannot be cancelled, with the gateway's own word", async () => {
    const disputed = anEscrow("disputed", { state: "disputed", rawStatus: "in_dispute" });
    const { gate, context, records } = await containing([[disputed]]);
    expect(await takeBack(context, "all")).toEqual({ found: 0, failed: 0 });
    expect(gate.calls).toEqual([]);
    expect(await records()).toMatchObject([{ result: "skipped", reason: "state is in_dispute" }]);
  });

  it("cancels the pages it could read although the next one fails, and then says so", async () => {
    const { gate, context } = await containing([[anEscrow("esc-1"), anEscrow("esc-2")]]);
    const list = gate.gateway.listEscrows;
    gate.gateway.listEscrows = async function* (...args) {
      yield* list(...args);
      throw new Error("page 2 is gone");
    };
    await expect(takeBack(context, "all")).rejects.toThrow("page 2 is gone");
    expect(gate.calls.sort()).toEqual(["cancel esc-1", "cancel esc-2"]);
  });

  it("calls the dollars counted once every page was read, and not while one cannot be", async () => {
    const { gate, context, incidentId } = await containing([[big("a", "1.00")]]);
    const countedAt = async () => (await stores.incidents.load(incidentId))?.escrowsCountedAt;
    const listEscrows = async function* () {
      yield [big("a", "1.00")];
      throw new TourniquetError("gateway-unreachable", "away");
    };
    const away = { ...context.ports, gateway: { ...gate.gateway, listEscrows } };
    await expect(takeBack({ ...context, ports: away }, "all")).rejects.toThrow("away");
    expect(await countedAt()).toBeNull();
    await takeBack(context, "all");
    expect(await countedAt()).toBeGreaterThan(0);
  });

  it("counts what the gateway refuses as failed, and goes on with the rest", async () => {
    const { gate, context, incidentId } = await containing([[anEscrow("esc-1"), anEscrow("esc-2"), anEscrow("esc-3")]]);
    gate.script.set("esc-2", [{ answer: notDone("gateway-refused") }]);
    expect(await takeBack(context, "all")).toEqual({ found: 3, failed: 1 });
    const { dollars } = (await stores.incidents.view(incidentId))!;
    expect(dollars).toEqual({ locked: "450.00", recovered: "300.00", lost: "0.00" });
  });

  it("counts what the gateway can never show as failed as well, and goes on with the rest", async () => {
    const { gate, context, records } = await containing([[big("poison", "9.00"), anEscrow("esc-1")]], null, 1);
    gate.script.set("poison", [{ answer: notDone("not-found") }]);
    const real = gate.gateway.readEscrow;
    gate.gateway.readEscrow = async (agentId, id, options) => {
      if (id === "poison") throw new TourniquetError("not-found", "no such escrow");
      return real(agentId, id, options);
    };
    expect(await takeBack(context, "all")).toEqual({ found: 2, failed: 1 });
    expect(gate.states.get("esc-1")).toBe("refunded");
    expect(await records()).toContainEqual(
      expect.objectContaining({ escrowId: "poison", result: "failed", reason: "no such escrow" }),
    );
  });

  it("ends with what the gateway says where it only ever pushes back, and leaves the escrow for the next attempt", async () => {
    const { gate, context, records } = await containing([[anEscrow("esc-1")]]);
    const limited = { answer: notDone("gateway-rate-limited") };
    gate.script.set(
      "esc-1",
      Array.from({ length: 100 }, () => limited),
    );
    await expect(takeBack(context, "all")).rejects.toMatchObject({ code: "gateway-rate-limited" });
    expect(gate.calls.filter((call) => call === "cancel esc-1")).toHaveLength(16);
    expect(await records()).toMatchObject([{ result: "held" }]);
    gate.script.clear();
    expect(await takeBack(context, "all")).toEqual({ found: 1, failed: 0 });
  });

  it("waits for its turn at the gateway before each cancel", async () => {
    const { gate, context } = await containing([[anEscrow("esc-1"), anEscrow("esc-2")]]);
    let turns = 0;
    const pace = {
      async turn() {
        turns += 1;
        expect(gate.calls.length).toBeLessThan(turns);
      },
    };
    await takeBack({ ...context, ports: { ...context.ports, pace } }, "all");
    expect(turns).toBe(2);
  });

  it("asks after what was held when somebody last wrote and is on no page now", async () => {
    const { gate, context, records } = await containing([[anEscrow("esc-1")], [anEscrow("gone")]]);
    const record = { payee: "flaky-upstream", amount: "150.00", reason: "waiting to be cancelled" };
    await stores.incidents.recordEscrows(context.incident.id, [{ escrowId: "gone", result: "held", ...record }]);
    gate.states.set("gone", "settled");
    gate.script.set("gone", [{ answer: notDone("gateway-refused") }]);
    await takeBack(context, "all");
    expect(await records()).toContainEqual(expect.objectContaining({ escrowId: "gone", result: "lost" }));
  });
});

describe("the report of the cancels", () => {
  it("counts cancelled, lost, failed and skipped, and the dollars that came back exactly", async () => {
    const { gate, context, incidentId } = await containing([
      [big("a", "0.10"), big("b", "0.20"), big("c", "7.00"), anEscrow("d", { payee: "honest" })],
    ]);
    gate.script.set("c", [{ becomes: "settled", answer: notDone("gateway-refused") }]);
    const step = escrowExploitation.steps.find(({ name }) => name === "cancel-escrows-to-suspect")!;
    expect(await runSteps(context, [step])).toEqual({ failed: [] });
    const receipt = (await stores.incidents.receipts(incidentId)).get(step.name);
    expect(receipt?.result).toEqual({ cancelled: 2, lost: 1, failed: 0, skipped: 1, dollarsUnlocked: "0.30" });
  });

  it("is not given while something is not cancelled: the step has failed, and its reason is in the timeline", async () => {
    const { gate, context, incidentId } = await containing([[anEscrow("a"), anEscrow("b")]]);
    gate.script.set("a", [{ answer: notDone("gateway-refused") }]);
    const step = runawaySpending.steps.find(({ name }) => name === "cancel-escrows")!;
    expect(await runSteps(context, [step])).toEqual({ failed: ["cancel-escrows"] });
    const view = (await stores.incidents.view(incidentId))!;
    const message = "1 escrow is not cancelled yet: gateway-refused";
    expect(view.steps).toMatchObject([{ step: "cancel-escrows", status: "failed", result: { message } }]);
    expect(await runSteps(context, [step])).toEqual({ failed: [] });
    expect(formatMoney(money((await stores.incidents.view(incidentId))!.dollars.recovered))).toBe("300.00");
  });
});
