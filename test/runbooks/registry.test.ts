import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signalKinds } from "../../src/incident/signal.ts";
import { runbookFor, runbookNamed, runbooks } from "../../src/runbooks/index.ts";
import { runSteps, type Step } from "../../src/runbooks/runbook.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

describe("the runbooks", () => {
  it("answer every kind of signal, each by the one that names it, and anything else by the first", () => {
    expect(runbookFor("escrow-burst").runbook.name).toBe("runaway-spending");
    expect(runbookFor("payee-concentration").runbook.name).toBe("escrow-exploitation");
    for (const kind of signalKinds) expect(runbooks).toContain(runbookFor(kind).runbook);
    const handled = runbooks.flatMap(({ handles }) => Object.keys(handles));
    expect(new Set(handled).size).toBe(handled.length);
  });

  it("answer a warning of a breach by a restriction, and nothing else otherwise", () => {
    for (const kind of signalKinds) {
      const { runbook, priority } = runbookFor(kind, "warning");
      const expected =
        runbookFor(kind).runbook.name === "agent-breach" ? "agent-restriction" : runbookFor(kind).runbook.name;
      expect([kind, runbook.name]).toEqual([kind, expected]);
      if (expected === "agent-restriction") expect(priority).toBe("P2");
    }
  });

  it("are found by the name an incident keeps; an unknown name says what may have happened", () => {
    for (const runbook of runbooks) expect(runbookNamed(runbook.name)).toBe(runbook);
    expect(() => runbookNamed("no-such")).toThrow(/no runbook named no-such: an older version/);
  });
});

describe("the steps of an incident", () => {
  const step = (name: string, run: Step["run"]): Step => ({ name, effect: "sets", urgent: false, run });

  it("are all attempted, in order, whatever became of the one before; a done one is not attempted again", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-1" }));
    const incident = (await stores.incidents.load(incidentId))!;
    const ports = stepPorts(stores, {} as never);
    const attempts: string[] = [];
    let isBroken = true;
    const steps = ["first", "broken", "last"].map((name) =>
      step(name, async () => {
        attempts.push(name);
        if (name === "broken" && isBroken) throw new Error("no");
        return { name };
      }),
    );
    const context = { ports, incident, signals: [], abort: new AbortController().signal };
    expect(await runSteps(context, steps)).toEqual({ failed: ["broken"] });
    isBroken = false;
    expect(await runSteps(context, steps)).toEqual({ failed: [] });
    expect(attempts).toEqual(["first", "broken", "last", "broken"]);
    const { timeline } = (await stores.incidents.view(incidentId))!;
    expect(
      timeline.filter(({ what }) => what.startsWith("step-")).map(({ what, detail }) => `${what} ${detail.step}`),
    ).toEqual(["step-done first", "step-failed broken", "step-done last", "step-done broken"]);
  });

  it("end with the worker that lost the job, and its failure is not taken for the step's", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "agent-2" }));
    const stop = new AbortController();
    const context = {
      ports: stepPorts(stores, {} as never),
      incident: (await stores.incidents.load(incidentId))!,
      signals: [],
      abort: stop.signal,
    };
    const steps = [
      step("first", async () => {
        stop.abort(new Error("lock lost"));
        throw new Error("cut off");
      }),
      step("never", async () => ({})),
    ];
    await expect(runSteps(context, steps)).rejects.toThrow("lock lost");
    const { steps: seen } = (await stores.incidents.view(incidentId))!;
    expect(seen).toEqual([]);
  });
});
