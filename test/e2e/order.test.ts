import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intake, isQuiet } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

let product: Product;
beforeAll(async () => {
  // Each order of events has agents of its own, all at the same time: as a cascade they would belong together.
  const settings = "gateway: { deadlineMs: 2000, inFlightBoundMs: 10000 }\ncascade: { agents: 1000 }\n";
  product = await startProduct({
    settings,
    workers: ["containment", "cascade", "cascade", "cascade", "cascade"],
  });
});
afterAll(() => product.close());

const MINUTE_MS = 60_000;
const begin = Date.now() - 8 * MINUTE_MS;
type Event = Record<string, unknown> & { agent_id: string };

const escrow = (agent: string, index: number, atMs: number, payee: string, amount: string): Event => ({
  id: `evt-${agent}-${index}`,
  event_type: "escrow_state_change",
  agent_id: agent,
  timestamp: (begin + atMs) / 1000,
  payload: { escrow_id: `esc-${agent}-${index}`, payer: agent, payee, amount, status: "held" },
});

/** Four troubles and a quiet agent, each event with its own time. `run` makes the names this order's own. */
function eventsOf(run: string): Event[] {
  const at = (atMs: number) => (begin + atMs) / 1000;
  const times = (count: number) => Array.from({ length: count }, (_, index) => index);
  return [
    ...times(12).map((n) => escrow(`loop-${run}`, n, n * 2_000, "flaky-upstream", "150.00")),
    ...times(12).map((n) => escrow(`crowd-${run}`, n, n * 20_000, "one-payee", `${10 + n * 3}.00`)),
    ...times(6).map((n) => escrow(`quiet-${run}`, n, n * MINUTE_MS, `supplier-${n % 3}`, `${20 + n}.50`)),
    {
      id: `budget-${run}`,
      event_type: "budget_threshold",
      agent_id: `spent-${run}`,
      timestamp: at(1_000),
      payload: { utilization_pct: 97 },
    },
    // Two warnings within a minute are critical together (D15).
    {
      id: `warn-${run}`,
      event_type: "budget_threshold",
      agent_id: `twice-${run}`,
      timestamp: at(5_000),
      payload: { utilization_pct: 85 },
    },
    {
      id: `fall-${run}`,
      event_type: "reputation_change",
      agent_id: `twice-${run}`,
      timestamp: at(25_000),
      payload: { score_delta: -0.2 },
    },
  ];
}

/** A fixed shuffle per seed: a failure can be played again. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

async function deliver(events: readonly Event[]): Promise<void> {
  const answers = await Promise.all(events.map((event) => sendWebhook(product.api.url, event)));
  expect(answers.map(({ status }) => status)).toEqual(events.map(() => 202));
  await until(async () => (await intake(product)).pending === 0, "every event to be decided", 60_000, 100);
  await until(() => isQuiet(product, "freeze", "correlate"), "nothing to be in hand", 60_000, 100);
}

/** What came of one order: per trouble its incident's runbooks and the kinds of its signals, nothing that may differ by time. */
async function cameOf(run: string) {
  const mine = (await product.services.incidents.list(200)).filter(({ agentId }) => agentId.endsWith(`-${run}`));
  return mine
    .map(({ agentId, priority, runbooks, signals }) => ({
      trouble: agentId.replace(`-${run}`, ""),
      priority,
      runbooks: [...runbooks].sort(),
      signals: [...new Set(signals.map(({ kind, severity }) => `${kind} ${severity}`))].sort(),
    }))
    .sort((a, b) => a.trouble.localeCompare(b.trouble));
}

describe("the same events, split over four processes of the cascade worker", () => {
  it("give the same incidents in any order, and however often they come", async () => {
    await deliver(eventsOf("straight"));
    const straight = await cameOf("straight");
    expect(straight.map(({ trouble }) => trouble)).toEqual(["crowd", "loop", "spent", "twice"]);
    for (const seed of [1, 2, 3]) {
      const run = `seed${seed}`;
      const events = eventsOf(run);
      await deliver(shuffled([...events, ...events], seed));
      expect(await cameOf(run), `order ${seed}`).toEqual(straight);
    }
  });
});
