import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps, Gateway } from "../../src/incident/gateway.ts";
import { money, zero } from "../../src/incident/money.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { recordBudgetCap } from "../../src/runbooks/steps/record-budget-cap.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

type Read = BudgetCaps | TourniquetError;
const before: BudgetCaps = { dailyCap: money("500.00"), monthlyCap: null, alertThreshold: undefined };
const failed = new TourniquetError("gateway-failed", "500");
const refused = new TourniquetError("gateway-refused", "403");
const fleet = (monthly: string) =>
  `fleet: { agents: [{ id: agent-7, caps: { daily: "250.00", monthly: ${monthly}, alertThreshold: 0.6 } }] }`;

/** What the step's receipt shows; the gateway answers these reads in turn, the last one for ever. */
async function recorded(
  reads: readonly Read[],
  options: { settings?: string; seen?: BudgetCaps; asked?: boolean; effective?: boolean; failed?: string[] } = {},
) {
  const queue = [...reads];
  const gateway = {
    async readBudget() {
      const read = queue.length > 1 ? queue.shift()! : queue[0]!;
      if (read instanceof TourniquetError) throw read;
      return { ...read, agentId: "agent-7", dailySpend: undefined, monthlySpend: undefined, utilizationPct: 0 };
    },
  } as unknown as Gateway;
  if (options.seen) {
    await stores.caps.see("agent-7", options.seen);
    await stores.redis.hincrby("{tq:0}:agent:agent-7", "capsAt", -3_600_000);
  }
  const { incidentId } = await stores.incidents.open(openRequest());
  if (options.asked) await stores.incidents.stamp(incidentId, "requestedAt");
  if (options.effective) await stores.incidents.recordReceipt(incidentId, "freeze-budget", "contain", {});
  const context = {
    ports: stepPorts(stores, gateway, readSettings(options.settings, {})),
    incident: (await stores.incidents.load(incidentId))!,
    signals: [],
    abort: new AbortController().signal,
  };
  expect(await runSteps(context, [recordBudgetCap])).toEqual({ failed: options.failed ?? [] });
  const view = (await stores.incidents.view(incidentId))!;
  const step = view.steps.find(({ step: name }) => name === "record-budget-cap")!;
  return { result: step.result, notes: view.timeline.map(({ what }) => what) };
}

describe("the caps from before the freeze are", () => {
  it("what the gateway shows, an uncapped month as null", async () => {
    expect((await recorded([before])).result).toMatchObject({
      dailyCap: "500.00",
      monthlyCap: null,
      alertThreshold: null,
      source: "gateway",
    });
  });

  it("said to be not shown where the gateway shows no month", async () => {
    const { result } = await recorded([{ ...before, monthlyCap: undefined }]);
    expect(result).toMatchObject({ monthlyCap: "not shown" });
  });

  it("with the threshold of the fleet's settings where the gateway shows none", async () => {
    expect((await recorded([before], { settings: fleet("null") })).result).toMatchObject({
      dailyCap: "500.00",
      alertThreshold: 0.6,
      source: "gateway",
    });
  });

  it("read again where the gateway only stumbles", async () => {
    expect((await recorded([failed, before])).result).toMatchObject({ dailyCap: "500.00", source: "gateway" });
  });

  it("what was seen last where it cannot be read, and the reason is kept", async () => {
    const { result, notes } = await recorded([refused], { seen: { ...before, dailyCap: money("480.00") } });
    expect(result).toMatchObject({ dailyCap: "480.00", source: "last-seen" });
    expect(notes).toContain("caps-unread");
  });

  it("what the settings say where nobody ever saw them", async () => {
    expect((await recorded([failed], { settings: fleet('"7000.00"') })).result).toMatchObject({
      dailyCap: "250.00",
      monthlyCap: "7000.00",
      source: "configured",
    });
  });

  it("unknown where nobody knows: a person must say what to restore", async () => {
    expect((await recorded([failed], { effective: true })).result).toMatchObject({ source: "unknown" });
  });

  it("asked for again as long as the freeze is not effective: the gateway may be back in time", async () => {
    const { notes } = await recorded([failed], { failed: ["record-budget-cap"] });
    expect(notes).toContain("step-failed");
  });

  it("never our own zero, read after our freeze was asked for", async () => {
    const zeros = { dailyCap: zero, monthlyCap: zero, alertThreshold: undefined };
    const asked = await recorded([zeros], { asked: true, effective: true });
    expect(asked.result).toMatchObject({ source: "unknown" });
    const settings = fleet("null");
    await stores.redis.flushdb();
    expect((await recorded([zeros], { asked: true, settings })).result).toMatchObject({ source: "configured" });
    await stores.redis.flushdb();
    expect((await recorded([zeros])).result).toMatchObject({ dailyCap: "0.00", monthlyCap: "0.00", source: "gateway" });
  });
});
