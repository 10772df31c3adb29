import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { until } from "../../support/until.ts";
import { createWorld, everyWorker, type World } from "../../support/world.ts";

const PAYER = "procurement-17";
const settings = `
fleet: { agents: [{ id: ${PAYER} }] }
watch: { highValueEveryMs: 1000, lowValueEveryMs: 1000, webhookGraceMs: 1000 }
`;

describe.each(["rest", "tools"] as const)(
  "the 2:47 story while no webhook comes, at a gateway of the %s form",
  (dialect) => {
    let world: World;
    let incident: IncidentView;
    beforeAll(async () => {
      world = await createWorld({ workers: [...everyWorker, "watch"], settings, dialect });
      // Caps that the fees of the loop do not use up: what is caught is caught by what is locked.
      await world.admin.placeAgent(PAYER, { dailyCap: "5000.00" });
      for (let tries = 0; tries < 40; tries += 1) {
        if ((await world.admin.createEscrow(PAYER, "flaky-upstream", "150.00")) === null) break;
      }
      incident = await until(
        async () => (await world.services.incidents.list(1)).find(({ status }) => status === "contained"),
        "that it is contained",
        45_000,
      );
    }, 60_000);
    afterAll(() => world.close());

    it("is caught by the poller alone as the retry loop that it is", () => {
      expect(incident).toMatchObject({ agentId: PAYER, status: "contained" });
      expect(incident.signals.map(({ kind }) => kind)).toContain("escrow-burst");
    });

    it("leaves no dollar locked", async () => {
      const state = await world.admin.state();
      expect(state.agents.find(({ agentId }) => agentId === PAYER)).toMatchObject({
        locked: "0.00",
        caps: { daily: "0.00", monthly: "0.00" },
      });
      expect(state.doubleRefunds).toEqual([]);
      expect(incident.dollars.recovered).toBe(incident.dollars.locked);
    });

    it("tells of every escrow once, however often it is looked at", async () => {
      const opened = (await world.admin.effects("escrow.created")).length;
      const { redis } = world.services;
      const looks = async () =>
        JSON.parse((await redis.hget(`{tq:0}:watch:${PAYER}`, "memory")) ?? "{}").looks as number;
      const before = await looks();
      await until(async () => (await looks()) >= before + 2, "two more looks");
      const events = await Promise.all(
        (await redis.keys("{tq:0}:event:*")).map((key) => redis.hmget(key, "type", "source", "raw")),
      );
      const held = events.filter(
        ([type, , raw]) => type === "escrow_state_change" && /"status":"held"/.test(raw ?? ""),
      );
      expect(held).toHaveLength(opened);
      expect(new Set(events.map(([, source]) => source))).toEqual(new Set(["poller"]));
      expect((await world.services.inbox.stats()).dispositions.duplicate).toBe(0);
    });

    it("takes our own cancels and the zero cap for no news", async () => {
      const kinds = (await world.services.verdicts.recent(100)).map(({ signal }) => signal.kind);
      expect(kinds).not.toContain("cancellation-rate");
      expect(kinds).not.toContain("budget-exhaustion");
      const keys = await world.services.redis.keys("{tq:0}:event:*");
      const bodies = await Promise.all(keys.map((key) => world.services.redis.hget(key, "raw")));
      expect(bodies.filter((body) => /refunded/.test(body ?? ""))).toEqual([]);
    });
  },
);
