import { describe, expect, it } from "vitest";
import { lengthOf, play, stage } from "../../src/sandbox/play.ts";
import type { Act } from "../../src/sandbox/scenarios/act.ts";
import { trader } from "../../src/sandbox/scenarios/ordinary.ts";
import type { Scenario, StagedAgent } from "../../src/sandbox/scenarios/scenario.ts";
import { createTempo } from "../../src/sandbox/tempo.ts";
import { type OpenSandbox, openReceiver, openSandbox } from "./open-sandbox.ts";

const opened = { payer: "buyer", payee: "seller", amount: "150.00" };

function scenario(acts: readonly Act[], agent: Partial<StagedAgent> = {}): Scenario {
  const agents = [trader("buyer", agent)];
  return { name: "x", story: "x", speed: 1_000, agents, acts, expected: { signal: null, isSingleCause: false } };
}

async function played(acts: readonly Act[], agent: Partial<StagedAgent> = {}) {
  const sandbox = await openSandbox();
  const story = scenario(acts, agent);
  await stage(sandbox.url, story);
  const score = await play(sandbox.url, story, { speed: 1_000 });
  return { score, sandbox, effects: await effectsOf(sandbox) };
}

const effectsOf = async (sandbox: OpenSandbox): Promise<{ effect: string; actor?: string; atMs: number }[]> =>
  (await sandbox.control("GET", "/effects")).body.effects;
const buyerOf = async (sandbox: OpenSandbox) =>
  (await sandbox.control("GET", "/state")).body.agents.find(({ agentId }: { agentId: string }) => agentId === "buyer");

describe("what those in a story do, they do at the gateway with a key of their own", () => {
  it("opens, cancels the newest, and pays out the oldest to a payee that takes it", async () => {
    const { effects } = await played([
      { atMs: 0, does: "open", ...opened },
      { atMs: 10, does: "open", ...opened, amount: "20.00" },
      { atMs: 20, does: "cancel-newest", payer: "buyer" },
      { atMs: 30, does: "release", by: "payee", payer: "buyer", payee: "seller", count: "all" },
    ]);
    const moves = effects.filter(({ effect }) => effect.startsWith("escrow."));
    expect(moves).toMatchObject([
      { effect: "escrow.created", payee: "seller", amount: "150.00", actor: "buyer" },
      { effect: "escrow.created", amount: "20.00" },
      { effect: "escrow.refunded", amount: "20.00", actor: "buyer" },
      { effect: "escrow.settled", amount: "150.00", actor: "seller" },
    ]);
  });

  it("uploads a key, changes its standing, empties a wallet", async () => {
    const { sandbox } = await played(
      [
        { atMs: 0, does: "upload-key", agentId: "buyer", publicKey: "0e".repeat(32) },
        { atMs: 0, does: "rate", agentId: "buyer", score: 0.5 },
        { atMs: 0, does: "withdraw", agentId: "buyer", amount: "49000.00" },
      ],
      { publicKey: "5a".repeat(32), reputation: 0.9 },
    );
    expect(await buyerOf(sandbox)).toMatchObject({
      publicKey: "0e".repeat(32),
      score: 0.5,
      balance: "1000.00",
    });
  });
});

describe("when the caps refuse a loop", () => {
  const frozen = { dailyCap: "0.00", monthlyCap: "0.00" };
  const loop: Act = {
    ...{ atMs: 0, does: "loop", ...opened, attempts: 5, everyMs: 86_400_000 },
    onceRefused: [
      { atMs: 0, does: "open-by-batch", ...opened, count: 3 },
      { atMs: 5, does: "lift-caps", agentId: "buyer", daily: "100.00", monthly: "100.00" },
    ],
  };

  it("hammers on without waiting, slips escrows in past the caps, and lifts them once", async () => {
    const { score, effects, sandbox } = await played([loop], frozen);
    // At its own tempo it would still be waiting for its second attempt.
    expect(score.attempted).toBe(5);
    expect(effects.filter(({ effect, actor }) => effect === "budget.set" && actor === "buyer")).toHaveLength(1);
    expect((await buyerOf(sandbox)).caps.daily).toBe("100.00");
    expect(effects.filter(({ effect }) => effect === "escrow.created").length).toBe(3 + score.created);
    expect(score.created).toBeGreaterThan(0);
  });
});

describe("what follows the first refusal", () => {
  it("does not follow the others", async () => {
    const once: Act = { atMs: 0, does: "open-by-batch", ...opened, count: 1 };
    const loop: Act = { atMs: 0, does: "loop", ...opened, attempts: 4, everyMs: 10, onceRefused: [once] };
    const { score, effects } = await played([loop], { dailyCap: "0.00", monthlyCap: "0.00" });
    expect(score.refused).toBe(4);
    expect(effects.filter(({ effect }) => effect === "escrow.created")).toHaveLength(1);
  });
});

describe("when an empty wallet refuses a loop", () => {
  it("goes on at its tempo: the money may come back", async () => {
    const startedAt = performance.now();
    const { score } = await played([{ atMs: 0, does: "loop", ...opened, attempts: 4, everyMs: 100_000 }], {
      balance: "200.00",
    });
    expect(score).toEqual({ attempted: 4, created: 1, refused: 3 });
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  it("is told of by the agent's SDK: the refusals it has kept, in one delivery and signed", async () => {
    const receiver = await openReceiver(() => 202);
    const sandbox = await openSandbox();
    const loop = { atMs: 0, does: "loop", ...opened, attempts: 4, everyMs: 50_000 } as const;
    const story = scenario([loop, { atMs: 160_000, does: "send-errors" }, { atMs: 170_000, does: "send-errors" }], {
      balance: "310.00",
      reportsErrors: true,
    });
    await stage(sandbox.url, story);
    const activity = { url: receiver.url, secret: "s" };
    const score = await play(sandbox.url, story, { speed: 1_000, activity });
    expect(score).toEqual({ attempted: 4, created: 2, refused: 2 });
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]!.headers["x-a2a-signature"]).toMatch(/^[0-9a-f]{64}$/);
    const error = { agent_id: "buyer", event_type: "error", details: { code: "insufficient-balance", status: 402 } };
    const [first, second, ...more] = JSON.parse(receiver.received[0]!.body);
    expect([first, second, more]).toMatchObject([error, error, []]);
    expect(Date.parse(second.timestamp)).toBeGreaterThan(Date.parse(first.timestamp));
  });

  it("stops trying once it got through, where the story says so", async () => {
    const { score } = await played([
      { atMs: 0, does: "loop", ...opened, attempts: 3, everyMs: 10, untilAccepted: true },
      { atMs: 5, does: "loop", ...opened, amount: "99999.00", attempts: 3, everyMs: 10, untilAccepted: true },
    ]);
    expect(score).toEqual({ attempted: 4, created: 1, refused: 3 });
  });
});

describe("telemetry", () => {
  const report = { does: "report", agentId: "buyer", type: "tool_call" } as const;

  it("goes out several in one delivery, evenly over the time before it, each with a body as long as asked", async () => {
    const receiver = await openReceiver(() => 202);
    const story = scenario([
      { atMs: 60_000, ...report, times: 3, spanMs: 8_000, bodyBytes: 12_000, details: { tool_name: "http_request" } },
    ]);
    const sandbox = await openSandbox();
    const tempo = createTempo(1_000, lengthOf(story));
    await play(sandbox.url, story, { speed: 1_000, tempo, activity: { url: receiver.url, secret: "s" } });
    const events = JSON.parse(receiver.received[0]!.body);
    const times = events.map(({ timestamp }: { timestamp: string }) => Date.parse(timestamp));
    expect(times.map((at: number) => at - times[0])).toEqual([0, 4_000, 8_000]);
    expect(events[0].details).toMatchObject({ tool_name: "http_request" });
    expect(events[0].details.parameters.body).toHaveLength(12_000);
  });

  it("ends the story if nobody takes it: a drill nobody listens to would prove nothing", async () => {
    const receiver = await openReceiver(() => 404);
    const sandbox = await openSandbox();
    const telling = play(sandbox.url, scenario([{ atMs: 0, ...report, details: {} }]), {
      speed: 1,
      activity: { url: receiver.url, secret: "s" },
    });
    await expect(telling).rejects.toThrow(/activity intake answered 404/);
  });
});

describe("a sandbox that has the time of the story", () => {
  it("dates what it shows by it: the acts are as far apart as in the night they happened", async () => {
    const story = scenario([
      { atMs: 0, does: "open", ...opened },
      { atMs: 90_000, does: "open", ...opened, amount: "20.00" },
    ]);
    const tempo = createTempo(1_000, lengthOf(story));
    const sandbox = await openSandbox({ now: tempo.now });
    await stage(sandbox.url, story);
    await play(sandbox.url, story, { speed: 1_000, tempo });
    const made = (await effectsOf(sandbox)).filter(({ effect }) => effect === "escrow.created");
    expect(made[1]!.atMs - made[0]!.atMs).toBe(90_000);
  });
});
