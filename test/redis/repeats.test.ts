import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { canonicalJson } from "../../src/incident/ledger.ts";
import { createLedgers } from "../../src/redis/ledgers.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let incidentId: string;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  incidentId = (await stores.incidents.open(openRequest())).incidentId;
});

const agentId = "agent-7";
const action = "freeze:agent-7:1" as ActionKey;
type Line = { what: string; detail: Record<string, unknown> & { last?: Record<string, unknown> } };
const ledger = async () => (await createLedgers(stores.redis).read(incidentId)).lines;
const lines = async (): Promise<Line[]> => (await ledger()).slice(1).map((line) => JSON.parse(line));
const whats = async () => (await lines()).map(({ what }) => what);
const timeline = async () => (await stores.incidents.view(incidentId))!.timeline.slice(1);
const say = (what: string, detail: Record<string, unknown>) => stores.incidents.tell(incidentId, what, detail);
const call = async (code: string | null, message = "no answer") => {
  await say("call-sent", { action });
  await say("call-answered", {
    action,
    ...(code === null ? { outcome: "done" } : { outcome: "unknown", code, message }),
  });
};
const claim = async (end: "retry" | "done") => {
  const { answer, fence } = (await stores.actions.claim(agentId, action, `${Math.random()}`, 1, 0, incidentId)) as {
    answer: string;
    fence: number;
  };
  expect(answer).not.toBe("done");
  await stores.actions.finish(agentId, action, fence, end, {});
};
const stepFails = (message: string) =>
  stores.incidents.note(incidentId, "contain", "step-failed", { step: "freeze-budget", code: "step-failed", message });
const times = async (many: number, act: (index: number) => Promise<unknown>) => {
  for (let index = 0; index < many; index += 1) await act(index);
};
/** As if the run had begun so much earlier. */
const runsSince = async (ms: number) => {
  const key = `{tq:0}:incident:${incidentId}:ledger:runs`;
  for (const [name, text] of Object.entries(await stores.redis.hgetall(key))) {
    const run = JSON.parse(text);
    await stores.redis.hset(key, name, JSON.stringify({ ...run, ...(run.first && { first: run.first - ms }) }));
  }
};

describe("a gateway that is away", () => {
  it("leaves three failures in full of each call and step, whatever it is asked, and then a count of all others", async () => {
    await times(60, async () => {
      await claim("retry");
      await call("gateway-unavailable");
      await stepFails("the freeze is not confirmed: no answer");
    });
    expect(await lines()).toHaveLength(15);
    expect(await timeline()).toHaveLength(3);
    await claim("done");
    await call(null);
    await stores.incidents.recordReceipt(incidentId, "freeze-budget", "contain", { cap: "0.00" });
    const counted = (await lines()).slice(15);
    expect(counted.map(({ what, detail: { of } }) => `${what} ${of ?? ""}`.trim())).toEqual([
      ...["failed-again call-claimed", "call-finished"],
      ...["failed-again call-sent", "call-answered"],
      ...["failed-again step-failed", "step-done"],
    ]);
    expect(counted[0]!.detail).toMatchObject({ subject: action, sent: 58, answers: { retry: 57 } });
    expect(counted[2]!.detail).toMatchObject({
      ...{ subject: action, sent: 58, answers: { "unknown gateway-unavailable": 57 } },
      last: { action, code: "gateway-unavailable", message: "no answer", outcome: "unknown" },
    });
    expect((await timeline()).slice(3)).toMatchObject([
      {
        what: "failed-again",
        detail: { subject: "freeze-budget", of: "step-failed", answers: { "step-failed": 57 } },
      },
      { what: "step-done" },
    ]);
    expect(await stores.redis.exists(`{tq:0}:incident:${incidentId}:ledger:runs`)).toBe(0);
  });

  it("has its count told after ten minutes where people read it, after an hour for calls", async () => {
    const both = () => Promise.all([call("gateway-unavailable"), stepFails("no answer")]);
    await times(5, both);
    await runsSince(599_000);
    await both();
    expect(await whats()).not.toContain("failed-again");
    await runsSince(2_000);
    await both();
    expect((await lines()).at(-1)).toMatchObject({ what: "failed-again", detail: { of: "step-failed" } });
    await runsSince(3_600_000);
    await both();
    expect((await lines()).filter(({ detail }) => detail.of === "call-sent")).toHaveLength(1);
  });

  it("has another failure stand in full, after the count of those before it, figures aside", async () => {
    await times(6, (index) => stepFails(`${index} escrows are left`));
    await stepFails("the key may not cancel");
    expect((await timeline()).map(({ what, detail }) => detail.message ?? what)).toEqual([
      ...["0 escrows are left", "1 escrows are left", "2 escrows are left"],
      ...["failed-again", "the key may not cancel"],
    ]);
    expect((await timeline())[3]).toMatchObject({ detail: { last: { message: "5 escrows are left" } } });
  });

  it("writes no more for a text that never says the same", async () => {
    await times(200, (index) =>
      stepFails(`trouble ${String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26))}`),
    );
    const told = await timeline();
    expect(told.length).toBeLessThan(50);
    const counted = told.flatMap(({ what, detail }) => (what === "failed-again" ? [detail] : []));
    expect(counted.length).toBeLessThan(25);
  });

  it("counts calls that nobody heard the end of", async () => {
    await times(9, () => say("call-sent", { action }));
    expect(await whats()).toEqual(["call-sent", "call-sent", "call-sent"]);
    await say("call-answered", { action, outcome: "done" });
    expect((await lines()).slice(3)).toMatchObject([
      { what: "failed-again", detail: { sent: 6, answers: {}, last: null } },
      { what: "call-answered" },
    ]);
  });

  it("has everything told before the incident changes its status, and keeps what is long beside the line", async () => {
    const last = `no answer 4 ${"x".repeat(2_000)}`;
    await times(5, (index) => stepFails(last.replace("4", String(index))));
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect((await whats()).slice(3)).toEqual(["failed-again", "stood-down"]);
    const { texts } = await createLedgers(stores.redis).read(incidentId);
    const { sha256 } = (await lines())[3]!.detail.last as { sha256: string };
    expect(JSON.parse(texts[sha256]!)).toMatchObject({ message: last });
    expect((await timeline())[3]!.detail.last).toMatchObject({ message: last });
  });
});

describe("whatever order successes and failures come in", () => {
  it("every success, every first failure and the last before a success stand there, and nothing goes uncounted", async () => {
    const codes = ["gateway-timeout", "gateway-unavailable", "gateway-refused", null, null] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...codes), fc.integer({ min: 1, max: 6 })), { maxLength: 12 }),
        async (runs) => {
          await stores.redis.flushdb();
          incidentId = (await stores.incidents.open(openRequest())).incidentId;
          const calls = runs.flatMap(([code, many]) => Array(code === null ? 1 : many).fill(code) as (string | null)[]);
          for (const [index, code] of calls.entries()) await call(code, `try ${index}`);
          await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
          const found = await lines();
          for (const [index, line] of (await ledger()).entries()) {
            expect(canonicalJson(JSON.parse(line))).toBe(line);
            expect(JSON.parse(line).seq).toBe(index + 1);
          }
          const answers = found.flatMap(({ what, detail }) =>
            what === "failed-again"
              ? Object.entries(detail.answers as Record<string, number>).flatMap(([name, many]) =>
                  Array(many).fill(name),
                )
              : what === "call-answered"
                ? [detail.outcome === "done" ? "done" : `unknown ${detail.code}`]
                : [],
          );
          const given = calls.map((code) => (code === null ? "done" : `unknown ${code}`));
          expect(answers.toSorted()).toEqual(given.toSorted());
          // The order of what stands in full, and of the last of each count, is that in which it came.
          const shown = found.flatMap(({ what, detail }) => {
            const said = what === "failed-again" ? detail.last : what === "call-answered" ? detail : undefined;
            return said?.message === undefined ? [] : [Number(String(said.message).slice(4))];
          });
          expect(shown).toEqual(shown.toSorted((a, b) => a - b));
          for (const [index, code] of calls.entries())
            if (code !== null && (index === 0 || calls[index - 1] === null || (calls[index + 1] ?? null) === null))
              expect(shown).toContain(index);
          const sent = found.reduce(
            (sum, { what, detail }) => sum + (what === "call-sent" ? 1 : Number(detail.sent ?? 0)),
            0,
          );
          expect(sent).toBe(calls.length);
        },
      ),
      { numRuns: 30, seed: 6 },
    );
  });
});
