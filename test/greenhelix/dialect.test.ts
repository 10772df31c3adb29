import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectedGateway, connectGateway, type GatewaySettings } from "../../src/greenhelix/connect.ts";
import type { Finding } from "../../src/greenhelix/dialect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { type HostileGateway, type Script, type SeenRequest, startHostileGateway } from "./hostile-gateway.ts";

const caps = { dailyCap: money(0), monthlyCap: money(0), alertThreshold: 0.8 };
let hostile: HostileGateway;
let opened: { close(): Promise<void> }[];

beforeEach(async () => {
  hostile = await startHostileGateway();
  opened = [];
});

afterEach(async () => {
  await hostile.close();
  await Promise.all(opened.map((each) => each.close()));
});

function connect(settings: Partial<GatewaySettings> = {}): ConnectedGateway {
  const gateway = connectGateway({
    baseUrl: hostile.url,
    dialect: "auto",
    keyFor: oneKey("sandbox-admin"),
    ...settings,
  });
  opened.push(gateway);
  return gateway;
}

/** Answers the budget route and POST /v1 each in its own way. */
const forms = (rest: Script, tools: Script) => (request: SeenRequest) =>
  request.line.startsWith("POST /v1 ") ? tools : rest;
const problem = (status: number, tail: string): Script => ({
  status,
  body: JSON.stringify({ type: `https://x/errors/${tail}`, status }),
});
const noRoute = problem(404, "http-error");
const budget = { body: '{"daily_cap": 5, "monthly_cap": null, "utilization_pct": 1}' };
const down: Script = { status: 500, body: "" };

describe("asked which form it speaks", () => {
  it.each([
    ["rest", "rest"],
    ["tools", "tools"],
    ["both", "rest"],
  ] as const)("a sandbox serving %s answers %s, with or without /v1 in its address", async (served, dialect) => {
    const sandbox = await startSandbox({ forms: served });
    opened.push(sandbox);
    for (const baseUrl of [sandbox.url, `${sandbox.url}/`, `${sandbox.url}/v1`, `${sandbox.url}/v1/`]) {
      const gateway = connect({ baseUrl });
      expect((await gateway.find("nobody")).dialect).toBe(dialect);
      expect(gateway.found()?.reason).toMatch(/[a-z ]{20}/);
      await gateway.setBudget("a", { ...caps, dailyCap: money("7.5") }, "set:a" as ActionKey);
      expect((await gateway.readBudget("a")).dailyCap).toBe(money("7.5"));
    }
  });

  it.each<[string, Script, Script, "rest" | "tools"]>([
    ["served, absent", budget, noRoute, "rest"],
    ["absent, served", noRoute, budget, "tools"],
    ["absent without a body, served", { status: 404, body: "Not Found" }, budget, "tools"],
    ["method not allowed, served", { status: 405 }, budget, "tools"],
    ["both", budget, budget, "rest"],
    ["wallet unknown, absent", problem(404, "wallet-not-found"), noRoute, "rest"],
    ["absent, agent unknown", noRoute, problem(404, "agent-not-found"), "tools"],
    ["absent, tool unknown", noRoute, problem(400, "bad-request"), "tools"],
    ["key refused, absent", problem(401, "authentication-error"), noRoute, "rest"],
    ["key refused, gone", problem(403, "forbidden"), problem(410, "endpoint-removed"), "rest"],
    ["absent, key refused", noRoute, problem(403, "forbidden"), "tools"],
    ["key refused twice", problem(401, "missing-key"), problem(401, "missing-key"), "rest"],
    ["everything refused but tools", problem(401, "missing-key"), budget, "tools"],
    ["rest broken for good, served", down, budget, "tools"],
  ])("a gateway with budget route and POST /v1 %s", async (_what, rest, tools, dialect) => {
    hostile.play(forms(rest, tools));
    expect(await connect().find("a")).toMatchObject({ dialect });
  });

  it("a gateway that stumbles once and serves both is still called by its routes", async () => {
    let asked = 0;
    hostile.play((request) => (request.line.startsWith("POST") || asked++ > 0 ? budget : down));
    expect(await connect().find("a")).toMatchObject({ dialect: "rest" });
  });

  it("a gateway in trouble is known by the door it does not have: no freeze waits for a budget read", async () => {
    hostile.play(forms(down, noRoute));
    expect(await connect().find("a")).toMatchObject({
      dialect: "rest",
      reason: expect.stringContaining("no POST /v1"),
    });
    hostile.play(forms(noRoute, down));
    expect(await connect().find("a")).toMatchObject({ dialect: "tools" });
  });

  it.each<[string, Script, Script]>([
    ["is broken", down, down],
    ["has neither form", noRoute, noRoute],
    ["limits the rate", { status: 429 }, { status: 429 }],
    ["shows a web page", { body: "<html>" }, { body: "<html>" }],
  ])("a gateway that %s leaves the question open, for a later attempt", async (_what, rest, tools) => {
    hostile.play(forms(rest, tools));
    const gateway = connect();
    await expect(gateway.readBudget("a")).rejects.toMatchObject({ code: "gateway-unreachable" });
    expect(await gateway.setBudget("a", caps, "freeze:a" as ActionKey)).toMatchObject({
      outcome: "not-done",
      error: { code: "gateway-unreachable" },
    });
    expect(hostile.requests.filter(({ line }) => line.startsWith("PUT"))).toEqual([]);
    hostile.play(forms(budget, noRoute));
    expect(await gateway.setBudget("a", caps, "freeze:a" as ActionKey)).toMatchObject({ outcome: "done" });
  });
});

describe("a connected gateway", () => {
  it("asks once for many first calls, and tells once what it found", async () => {
    const told: Finding[] = [];
    const gateway = connect({ onFound: (finding) => told.push(finding) });
    hostile.play(forms(budget, noRoute));
    await Promise.all(Array.from({ length: 20 }, () => gateway.readBudget("a")));
    expect(hostile.requests).toHaveLength(22);
    expect(told).toEqual([gateway.found()]);
  });

  it("asks nothing where the form is set, and opens no connection before it is needed", async () => {
    const gateway = connect({ dialect: "tools" });
    expect(gateway.found()).toMatchObject({ dialect: "tools" });
    expect(hostile.connections).toBe(0);
    hostile.play(budget);
    await gateway.readBudget("a");
    expect(hostile.requests.map(({ line }) => line)).toEqual(["POST /v1 HTTP/1.1"]);
  });

  it("is refused an address it must not call", () => {
    expect(() => connect({ baseUrl: "http://api.greenhelix.net" })).toThrow("https://");
  });
});
