import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble, type ModelGateway, type ModelPorts, modelGateway, modelPorts, trouble } from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
let model: ModelGateway;
const agentId = "agent-7";
const pinned = "ab".repeat(32);
const other = "cd".repeat(32);
const { signal: abort } = new AbortController();

beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  model = modelGateway();
});

type Asked = { ports: ModelPorts; id: string; run: () => Promise<string> };
async function asked(agent: string = "", more: Partial<Parameters<typeof askRecovery>[1]> = {}): Promise<Asked> {
  const settings = readSettings(`fleet: { agents: [{ id: ${agentId}${agent} }] }`, {});
  const ports = modelPorts(stores, model.gateway, settings);
  const id = await containedTrouble(ports, agentId, abort);
  await askRecovery(ports, { incidentId: id, ...said, ...more });
  return { ports, id, run: async () => (await recover(ports, { incidentId: id }, abort)).answer };
}
const shows = (publicKey: string | undefined, verdict: "valid" | "invalid" | "unknown" = "unknown") => {
  model.gateway.readIdentity = async () => ({ agentId, publicKey, createdAt: undefined, raw: {} });
  model.gateway.verifyAgent = async () => ({ verdict, reason: "as asked" });
};
const scores = (score: number | undefined) => {
  model.gateway.readReputation = async () => ({ score, raw: {} });
};
/** The agent is as it was, somebody is told why, and it can be asked again. */
async function expectRefused({ ports, id, run }: Asked, reason: RegExp): Promise<void> {
  expect(await run()).toBe("refused");
  const view = (await stores.incidents.view(id))!;
  expect(view).toMatchObject({ status: "contained", recovery: null });
  expect(view.timeline.at(-1)).toMatchObject({ what: "recovery-refused", detail: { passed: false } });
  expect(String(view.timeline.at(-1)?.detail.reason)).toMatch(reason);
  expect(model.caps.dailyCap).toBe(0n);
  expect(await stores.caps.mayRaise(agentId, view.epoch, { forget: false })).toBe(false);
  const told = ports.dispatch.added.filter(({ jobId }) => jobId.startsWith(`page-${id}-recovery-refused-`));
  expect(told).toHaveLength(1);
  expect(await run()).toBe("not-asked");
  expect(await askRecovery(ports, { incidentId: id, ...said })).toBe("asked");
}

describe("the gate of identity", () => {
  it("refuses an identity that the gateway calls invalid", async () => {
    const one = await asked();
    shows(undefined, "invalid");
    await expectRefused(one, /identity is not valid/);
  });

  it.each([
    ["another key than the one in the settings", other],
    ["no key where the settings pin one", undefined],
  ])("refuses %s", async (_what, key) => {
    const one = await asked(`, pinnedPublicKey: "${pinned}"`);
    shows(key, "valid");
    await expectRefused(one, /public key/);
  });

  it("refuses another key than the first that was seen, and lets one through that shows none", async () => {
    await stores.access.pin(agentId, pinned);
    const one = await asked();
    shows(other);
    await expectRefused(one, /public key/);
    shows(undefined);
    expect(await one.run()).toBe("rung-taken");
  });

  it("lets the pinned one through, however it is written", async () => {
    const { run, id } = await asked(`, pinnedPublicKey: "${pinned}"`);
    shows(pinned.toUpperCase(), "valid");
    expect(await run()).toBe("rung-taken");
    const { gates } = (await stores.recoveries.load(id))!;
    expect(gates["identity-and-reputation"]?.found.identity).toMatchObject({ verdict: "valid", pinnedBy: "settings" });
  });

  it("shows as unknown what the gateway will not say, and asks again where it does not answer", async () => {
    const { run, id } = await asked();
    model.gateway.verifyAgent = () => Promise.reject(new TourniquetError("gateway-timeout", "slow"));
    await expect(run()).rejects.toMatchObject({ code: "gateway-timeout" });
    expect((await stores.incidents.load(id))?.status).toBe("contained");
    model.gateway.verifyAgent = () => Promise.reject(new TourniquetError("not-found", "no such agent"));
    expect(await run()).toBe("rung-taken");
    const { gates } = (await stores.recoveries.load(id))!;
    expect(gates["identity-and-reputation"]?.found.identity).toEqual({ verdict: "unknown", why: "no such agent" });
  });
});

describe("the gate of reputation", () => {
  it.each([
    ["at the critical drop", 0.595],
    ["below it", 0.1],
  ])("refuses a score %s", async (_what, score) => {
    const one = await asked(", reputationBaseline: 0.85");
    scores(score);
    await expectRefused(one, /below its baseline of 0.85/);
  });

  it("lets one through just above it, and one that was never computed", async () => {
    const { run, id } = await asked(", reputationBaseline: 0.85");
    scores(0.5951);
    expect(await run()).toBe("rung-taken");
    expect((await stores.recoveries.load(id))?.gates["identity-and-reputation"]?.found.reputation).toMatchObject({
      score: 0.5951,
      baseline: 0.85,
    });
  });

  it("lets through what the person accepts, and keeps why", async () => {
    const { run, id } = await asked(", reputationBaseline: 0.85", {
      acceptReputation: "the drop is this incident's own",
    });
    scores(0.1);
    expect(await run()).toBe("rung-taken");
    expect((await stores.recoveries.load(id))?.gates["identity-and-reputation"]?.found).toMatchObject({
      accepted: "the drop is this incident's own",
    });
  });

  it("measures by the first score that was seen where the settings name none", async () => {
    await stores.standing.observe(agentId, { score: 0.9, at: 1, eventId: "evt-0-1" });
    const one = await asked();
    scores(0.4);
    await expectRefused(one, /below its baseline of 0.9/);
  });
});

describe("the gate of the root cause", () => {
  it("refuses where new trouble joined after it was said", async () => {
    const one = await asked();
    expect(await trouble(one.ports, agentId, abort)).toBe(one.id);
    await expectRefused(one, /new trouble joined/);
  });
});

describe("the gate of the budget, read back when the first rung stands", () => {
  const containedAnew = async ({ id, run, ports }: Asked, reason: RegExp) => {
    expect(await run()).toBe("contained-anew");
    const told = (await stores.incidents.view(id))?.timeline.findLast(({ what }) => what === "recovery-refused");
    expect(told?.detail).toMatchObject({ gate: "conservative-budget", passed: false });
    expect(String(told?.detail.reason)).toMatch(reason);
    expect(ports.dispatch.added.some(({ jobId }) => jobId.startsWith(`page-${id}-recovery-refused-`))).toBe(true);
    expect(ports.dispatch.added.some(({ queue, jobId }) => queue === "freeze" && jobId.startsWith("freeze-"))).toBe(
      true,
    );
    expect(await run()).toBe("standing");
  };

  it("has the agent contained anew where somebody raised its caps above it", async () => {
    const one = await asked();
    const { setBudget } = model.gateway;
    model.gateway.setBudget = async (...args) => {
      const outcome = await setBudget(...args);
      if (args[1].dailyCap !== 0n) model.caps = { ...model.caps, dailyCap: money("900.00") };
      return outcome;
    };
    await containedAnew(one, /^the caps are above 50 %/);
  });

  const MINUTE_MS = 60_000;
  /** As if it had been contained for an hour. */
  const longAgo = async ({ id }: Asked) => {
    const at = (await stores.clock.now()) - 60 * MINUTE_MS;
    await stores.redis.hset(`{tq:0}:incident:${id}`, "containedAt", at);
    return at;
  };
  const escrowAt = (createdAt: number) => {
    const held = { payer: agentId, payee: "x", amount: money("1.00"), state: "held", rawStatus: "held" } as const;
    model.gateway.listEscrows = async function* () {
      yield [{ id: "esc-1", createdAt, ...held }];
    };
  };
  const paidAt = (createdAt: number) => {
    const amount = money("-5.00");
    const row = { id: "tx-1", amount, type: "charge", description: "svc: call", createdAt, idempotencyKey: undefined };
    model.gateway.listTransactions = async () => [row];
  };

  it("has it contained anew where an escrow was opened, or money was paid, while it was frozen", async () => {
    for (const happens of [escrowAt, paidAt]) {
      await stores.redis.flushdb();
      model = modelGateway();
      const one = await asked();
      happens((await longAgo(one)) + 10 * MINUTE_MS);
      await containedAnew(one, /while it was contained/);
    }
  });

  it("passes what happened before it was contained, or after it was let go", async () => {
    for (const minutes of [-1, 61])
      for (const happens of [escrowAt, paidAt]) {
        await stores.redis.flushdb();
        model = modelGateway();
        const one = await asked();
        happens((await longAgo(one)) + minutes * MINUTE_MS);
        expect(await one.run()).toBe("rung-taken");
      }
  });
});
