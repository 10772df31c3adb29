import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { pageForIncident } from "../../src/notify/page.ts";
import { askRecovery, type RecoveryRequest } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { unshownMonths } from "../../src/settings/unshown-months.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble, type ModelGateway, type ModelPorts, modelGateway, modelPorts } from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
let model: ModelGateway;
let ports: ModelPorts;
const agentId = "agent-7";
const { signal: abort } = new AbortController();
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  model = modelGateway();
});

/** Frozen by a gateway that shows the day's cap and never the month's. */
async function contained(daily: string | null, settings = ""): Promise<string> {
  const { readBudget } = model.gateway;
  model.gateway.readBudget = async (...args) => ({ ...(await readBudget(...args)), monthlyCap: undefined });
  model.caps = { ...model.caps, dailyCap: daily === null ? null : money(daily) };
  ports = modelPorts(stores, model.gateway, readSettings(`fleet: { agents: [{ id: ${agentId}${settings} }] }`, {}));
  return containedTrouble(ports, agentId, abort);
}
const ask = (incidentId: string, more: Partial<RecoveryRequest> = {}) =>
  askRecovery(ports, { incidentId, ...said, ...more });
async function last(id: string): Promise<unknown> {
  await recover(ports, { incidentId: id }, abort);
  const { dailyCap, monthlyCap } = (await stores.recoveries.load(id))!.rungs.at(-1)!;
  return [dailyCap, monthlyCap];
}
const lines = async (id: string) => pageForIncident((await stores.incidents.view(id))!, "contained").lines.join("\n");

describe("a monthly cap that the gateway never shows", () => {
  it("comes back as 30 times the day, and the page says so", async () => {
    const id = await contained("700.00");
    expect(await lines(id)).toContain("not shown by the gateway: restored as 30 times the day, unless the fleet's");
    await ask(id);
    expect(await last(id)).toEqual(["700.00", "21000.00"]);
  });

  it("is not spoken of where the gateway shows it", async () => {
    ports = modelPorts(stores, model.gateway);
    expect(await lines(await containedTrouble(ports, agentId, abort))).not.toContain("not shown");
  });

  it("is not taken for none where there is no day's cap: a person says it, and all of it comes back", async () => {
    const id = await contained(null);
    await expect(ask(id)).rejects.toMatchObject({ code: "conflict", message: /does not show its monthly one/ });
    expect(await ask(id, { caps: { daily: "none", monthly: "9000.00" } })).toBe("asked");
    expect(await last(id)).toEqual([null, "9000.00"]);
    expect(model.caps.monthlyCap).toBe(money("4500.00"));
  });

  it("may have been none too: then caps are named as for every agent without", async () => {
    const id = await contained(null);
    await expect(ask(id, { caps: { daily: "none", monthly: "none" } })).rejects.toMatchObject({ code: "conflict" });
    expect(await ask(id, { caps: { daily: "500.00", monthly: "none" } })).toBe("asked");
    expect(await last(id)).toEqual([null, null]);
  });

  it("is asked for by a stand-down too, which else left the agent without a cap", async () => {
    const id = await contained(null);
    const callOff = (more = {}) => askStandDown(ports, { incidentId: id, by: "ada", reason: "planned", ...more });
    await expect(callOff()).rejects.toMatchObject({ code: "conflict", message: /does not show its monthly one/ });
    await callOff({ caps: { daily: "none", monthly: "9000.00" } });
    expect(await standDown(ports, { incidentId: id }, abort)).toEqual({ answer: "restored" });
    expect(model.caps).toMatchObject({ dailyCap: null, monthlyCap: money("9000.00") });
  });

  it("is asked for by nobody where the settings say it", async () => {
    const id = await contained(null, ", caps: { daily: null, monthly: 8000.00 }");
    expect(await ask(id)).toBe("asked");
    expect(await last(id)).toEqual([null, "8000.00"]);
  });
});

describe("the settings of a gateway that shows no monthly cap", () => {
  const warnings = (yaml: string) => unshownMonths(readSettings(yaml, {})).map(({ message }) => message);
  it("name the agents without caps", () => {
    const agents = "fleet: { agents: [{ id: a }, { id: b, caps: { daily: 5.00, monthly: null } }] }";
    expect(warnings(agents)).toEqual([
      expect.stringMatching(/comes back to a after an incident is 30 times the day's/),
    ]);
  });

  it("are in order where each has them", () => {
    expect(warnings("fleet: { agents: [{ id: b, caps: { daily: 5.00, monthly: null } }] }")).toEqual([]);
    expect(warnings("fleet: { agents: [] }")).toEqual([]);
  });
});
