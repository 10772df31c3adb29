import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StepContext } from "../../src/runbooks/runbook.ts";
import { takeBack } from "../../src/runbooks/take-back.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { anEscrow, escrowGateway } from "./escrow-gateway.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

async function containing() {
  const gate = escrowGateway([[anEscrow("esc-1")]]);
  const signal = aSignal();
  const { incidentId } = await stores.incidents.open(openRequest(signal));
  const incident = (await stores.incidents.load(incidentId))!;
  const abort = new AbortController().signal;
  const context: StepContext = { ports: stepPorts(stores, gate.gateway), incident, signals: [signal], abort };
  return { gate, context, incidentId, records: async () => [...(await stores.incidents.escrows(incidentId)).values()] };
}

describe("two that take the same escrow back at once", () => {
  /** The other one has read the records before the first has written its own. */
  const withStale = async (context: StepContext) => {
    const before = await stores.incidents.escrows(context.incident.id);
    const incidents = { ...context.ports.incidents, escrows: async () => before };
    return { ...context, ports: { ...context.ports, incidents } };
  };
  const reasons = (records: readonly { result: string; reason: string }[]) =>
    records.map(({ result, reason }) => `${result}: ${reason}`);
  const held = {
    payee: "flaky-upstream",
    amount: "150.00",
    result: "held",
    reason: "waiting to be cancelled",
  } as const;

  it("leave the reason of the one that did, whichever writes last", async () => {
    const { gate, context, incidentId, records } = await containing();
    await stores.incidents.recordEscrows(incidentId, [{ escrowId: "esc-1", ...held }]);
    const other = await withStale(context);
    const cancel = gate.gateway.cancelEscrow;
    let between: string[] = [];
    gate.gateway.cancelEscrow = async (...args) => {
      const answer = await cancel(...args);
      await takeBack(other, "all");
      between = reasons(await records());
      return answer;
    };
    await takeBack(context, "all");
    expect(between).toEqual([expect.stringMatching(/^recovered: held no more when it was looked at again/)]);
    expect(reasons(await records())).toEqual(["recovered: cancelled"]);
    await takeBack(other, "all");
    expect(reasons(await records())).toEqual(["recovered: cancelled"]);
  });

  it("never make of what came back something that is held", async () => {
    const { context, incidentId, records } = await containing();
    await takeBack(context, "all");
    await stores.incidents.recordEscrows(incidentId, [{ escrowId: "esc-1", ...held }]);
    expect(reasons(await records())).toEqual(["recovered: cancelled"]);
    expect((await stores.incidents.view(incidentId))!.dollars).toMatchObject({ locked: "150.00", recovered: "150.00" });
  });

  it("say what became of it in the end where they disagree: it was paid out all the same", async () => {
    const { incidentId, records } = await containing();
    const of = (result: "recovered" | "lost") => [{ escrowId: "esc-1", ...held, result, reason: result }];
    await stores.incidents.recordEscrows(incidentId, of("recovered"));
    await stores.incidents.recordEscrows(incidentId, of("lost"), true);
    expect(reasons(await records())).toEqual(["lost: lost"]);
  });
});
