import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tellEndedSilences } from "../../src/contain/silenced.ts";
import type { Silence } from "../../src/incident/silence.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const HOUR = 3_600_000;
const agentId = "agent-7";
async function silence(more: Partial<Silence> = {}): Promise<Silence> {
  const now = await world.services.clock.now();
  const all = { owner: "mira", reason: "drill", agent: undefined, signal: undefined, holdsContainment: true };
  return world.services.silences.add({ ...all, from: now, until: now + HOUR, ...more });
}
/** What intake alone hands over: a budget used up. */
async function judgedAtIntake() {
  const { eventId } = await world.deliver({
    event_type: "budget_threshold",
    agent_id: agentId,
    payload: { utilization_pct: 97, sequence: Math.random() },
  });
  return { eventId, agentId, signalId: null };
}
const isFrozen = async () => (await world.agent()).caps.daily === "0.00";

describe("an event that intake judged critical, while a silence is there (P6)", () => {
  it("is contained all the same, unless the silence says that it holds containment", async () => {
    await silence({ holdsContainment: false });
    expect((await world.freeze(await judgedAtIntake())).answer).toBe("opened");
    expect(await isFrozen()).toBe(true);
  });

  it("is recorded, counted and not contained where the silence says so", async () => {
    const { until } = await silence();
    const job = await judgedAtIntake();
    expect(await world.freeze(job)).toEqual({ answer: "silenced" });
    expect(await isFrozen()).toBe(false);
    const reason = `silenced by mira until ${new Date(until).toISOString()}: drill`;
    expect(await world.services.inbox.load(job.eventId)).toMatchObject({ disposition: "ignored", reason });
    const [verdict] = await world.services.verdicts.recent(10);
    expect(verdict).toMatchObject({ tier: null, decidedBy: reason, signal: { kind: "budget-exhaustion" } });
    expect((await world.services.silences.list([])).map(({ heldBack }) => heldBack)).toEqual([1]);
    expect(await world.services.incidents.list(1)).toEqual([]);
    // A replay of the job finds it decided, and counts nothing again.
    expect((await world.freeze(job)).answer).toBe("decided-before");
    expect((await world.services.silences.list([])).map(({ heldBack }) => heldBack)).toEqual([1]);
  });

  it("is contained again from the moment the silence is over", async () => {
    const { id } = await silence();
    expect((await world.freeze(await judgedAtIntake())).answer).toBe("silenced");
    await world.services.silences.end(id);
    expect((await world.freeze(await judgedAtIntake())).answer).toBe("opened");
    expect(await isFrozen()).toBe(true);
  });

  it("is contained if the silence is about another agent or signal", async () => {
    await silence({ agent: "agent-8" });
    await silence({ signal: "escrow-burst" });
    expect((await world.freeze(await judgedAtIntake())).answer).toBe("opened");
  });
});

describe("a verdict that no event answers for", () => {
  const decided = async (cascadeId?: string) => {
    const signal = aSignal({ agentId });
    await world.services.verdicts.keep({
      signal,
      tier: "auto-contain",
      decidedBy: "somebody",
      ...(cascadeId && { cascadeId }),
    });
    return world.freeze({ eventId: null, agentId, signalId: signal.id });
  };

  it("of a cascade is held back by a silence that holds containment", async () => {
    await silence();
    expect(await decided("cas-1")).toEqual({ answer: "silenced" });
    expect(await isFrozen()).toBe(false);
  });

  it("of a person is not: an order is no alarm", async () => {
    await silence();
    expect((await decided()).answer).toBe("opened");
    expect(await isFrozen()).toBe(true);
  });
});

describe("when a silence ends", () => {
  it("one line says so, with what it held back", async () => {
    const { id } = await silence();
    await world.freeze(await judgedAtIntake());
    const said: unknown[] = [];
    const log = { ...world.services.log, warn: (fields: object, what: string) => void said.push({ ...fields, what }) };
    await tellEndedSilences({ ...world.services, log });
    expect(said).toEqual([]);
    await world.services.redis.hset(
      keys.silences(),
      id,
      JSON.stringify({ ...(await world.services.silences.current()).silences[0], until: Date.now() - 1_000 }),
    );
    await tellEndedSilences({ ...world.services, log });
    await tellEndedSilences({ ...world.services, log });
    expect(said).toEqual([expect.objectContaining({ what: "silence.ended", id, owner: "mira", heldBack: 1 })]);
  });
});
