import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectEveryDollarBack, expectStopped, night, playNight, standDown } from "../support/night.ts";
import { type Product, settingsOf, startProduct } from "../support/product.ts";
import { until } from "../support/until.ts";

const agents = ["after-the-effect", "too-late", "overloaded", "cut-off", "in-pieces", "not-yet"] as const;
const LATE_MS = 3_000;
type Agent = (typeof agents)[number];
const variable = (agent: Agent) => `KEY_${agent.replaceAll("-", "_").toUpperCase()}`;

/** One product, one agent per trouble, each contained with a key of its own: that is how the gateway knows whom to trouble. */
let product: Product;
beforeAll(async () => {
  const keys = agents.map((agent) => `    ${agent}: { env: ${variable(agent)} }`).join("\n");
  product = await startProduct({
    workers: ["containment", "cascade", "recovery"],
    settings: `${settingsOf(1_000, ...agents)}keys:\n  agents:\n${keys}\n`,
    environment: Object.fromEntries(agents.map((agent) => [variable(agent), `sandbox-admin-${agent}`])),
  });
});
afterAll(() => product.close());

interface Trouble {
  tool: string;
  kind: string;
  times?: number;
  probability?: number;
  lateMs?: number;
}

/** Answers how to ask which of these rules has struck how often. */
async function trouble(agent: Agent, rules: readonly Trouble[]): Promise<void> {
  for (const { tool, ...rule } of rules)
    await product.admin.fault({ match: { tool, agentId: `sandbox-admin-${agent}` }, ...rule });
}

/** From here on no call that is out can take effect: what would come twice has come twice. */
async function untilNothingMayLand(): Promise<void> {
  const end = performance.now() + LATE_MS;
  await until(async () => performance.now() > end, "everything late to have landed", 2 * LATE_MS, 100);
}

/** How often at most: the caps must be readable before they are 0, or nobody knows what they were. */
const strikes = { set_budget_cap: 5, get_budget_status: 1, list_escrows: 5, get_escrow: 5, cancel_escrow: 5 } as const;

describe.concurrent("when the gateway", { timeout: 240_000 }, () => {
  it("answers 500 after the freeze, the cancels and the budget read took effect, nothing is done twice", async ({
    expect,
  }) => {
    await trouble("after-the-effect", [
      { tool: "set_budget_cap", kind: "500-after", times: 2 },
      { tool: "cancel_escrow", kind: "500-after" },
      { tool: "get_budget_status", kind: "500-after", times: 3 },
    ]);
    expect((await playNight(product, night("after-the-effect"))).attempted).toBe(60);
    await standDown(product, await expectStopped(product, "after-the-effect"));
  });

  it("lets cancels time out and carries them out 3 s later, none is sent while one may still land", async ({
    expect,
  }) => {
    await trouble("too-late", [{ tool: "cancel_escrow", kind: "timeout-late-effect", lateMs: LATE_MS, times: 6 }]);
    expect((await playNight(product, night("too-late"))).attempted).toBe(60);
    await expectStopped(product, "too-late");
    await untilNothingMayLand();
    await expectEveryDollarBack(product, "too-late");
  });

  it("refuses 30 % of all calls with 429 and 30 % with 500 for a while, all is done when it recovers", async ({
    expect,
  }) => {
    const rules = Object.entries(strikes).flatMap(([tool, times]) => [
      { tool, kind: "429", probability: 0.3, times },
      { tool, kind: "500-before", probability: 0.43, times },
    ]);
    await trouble("overloaded", rules);
    expect((await playNight(product, night("overloaded"))).attempted).toBe(60);
    await standDown(product, await expectStopped(product, "overloaded"));
  });

  it("drops connections before and after the effect, each escrow still comes back once", async ({ expect }) => {
    await trouble("cut-off", [
      { tool: "set_budget_cap", kind: "reset-after", times: 1 },
      { tool: "set_budget_cap", kind: "reset-before", times: 1 },
      { tool: "cancel_escrow", kind: "reset-before", times: 3 },
      { tool: "cancel_escrow", kind: "reset-after", times: 4 },
      { tool: "list_escrows", kind: "reset-after", times: 1 },
    ]);
    expect((await playNight(product, night("cut-off"))).attempted).toBe(60);
    await expectStopped(product, "cut-off");
  });

  it("refuses the freeze at first, nobody is called contained before the caps are 0", async ({ expect }) => {
    await trouble("not-yet", [{ tool: "set_budget_cap", kind: "429", times: 40 }]);
    expect((await playNight(product, night("not-yet"))).attempted).toBe(60);
    const { containedAt } = await expectStopped(product, "not-yet");
    const ownCaps = (await product.admin.effects("budget.set")).filter(({ agentId }) => agentId === "not-yet");
    const frozenAt = ownCaps.find(({ caps }) => caps?.daily === "0.00" && caps.monthly === "0.00")?.atMs;
    expect(containedAt).toBeGreaterThanOrEqual(frozenAt!);
  });

  it("sends bodies drop by drop and web pages instead of answers, each escrow still comes back once", async ({
    expect,
  }) => {
    await trouble("in-pieces", [
      { tool: "set_budget_cap", kind: "slow-body", lateMs: 3_000, times: 1 },
      { tool: "cancel_escrow", kind: "slow-body", lateMs: 3_000, times: 3 },
      { tool: "cancel_escrow", kind: "503-html", times: 4 },
      { tool: "list_escrows", kind: "slow-body", lateMs: 3_000, times: 1 },
      { tool: "get_budget_status", kind: "503-html", times: 2 },
    ]);
    expect((await playNight(product, night("in-pieces"))).attempted).toBe(60);
    await expectStopped(product, "in-pieces");
  });
});

describe("the troubles above", () => {
  it("have struck: every certain one, and of those left to chance each kind", async () => {
    const rules = await product.admin.faults();
    expect(rules.filter(({ probability, struck }) => probability === undefined && struck === 0)).toEqual([]);
    const byChance = rules.filter(({ probability, struck }) => probability !== undefined && struck > 0);
    expect(new Set(byChance.map(({ kind }) => kind))).toEqual(new Set(["429", "500-before"]));
  });
});
