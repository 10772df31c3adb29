import { describe, expect, it } from "vitest";
import { escrowSaid, type Said, together } from "../../support/trace.ts";
import { inShort, lastYear, replayed } from "./replaying.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const toolCall = (agentId: string, afterMs: number, tool: string): Said => {
  const atMs = lastYear + afterMs;
  return {
    atMs,
    body: { event_type: "tool_call", agent_id: agentId, timestamp: atMs / 1_000, details: { tool_name: tool } },
  };
};
const warning = (agentId: string, afterMs: number, type: "budget" | "reputation"): Said => {
  const atMs = lastYear + afterMs;
  const [event_type, payload] =
    type === "budget" ? ["budget_threshold", { utilization_pct: 85 }] : ["reputation_change", { score_delta: -0.2 }];
  return { atMs, body: { event_type, agent_id: agentId, timestamp: atMs / 1_000, payload } };
};
const loop = (payer: string, afterMs: number, count = 10): Said[] =>
  Array.from({ length: count }, (_, index) =>
    escrowSaid({
      ...{ atMs: lastYear + afterMs + index * 1_000, escrowId: `esc-${payer}-${index}` },
      ...{ payer, payee: `shop-of-${payer}`, amount: "90.00", state: "held" },
    }),
  );

describe("what Redis forgets by its own clock", () => {
  it("is forgotten by the trace's: a secret read an hour ago and a call now are no sequence, if nothing was called between", async () => {
    const quiet = [toolCall("a", 0, "read_secret"), toolCall("a", HOUR_MS, "http_request")];
    const busy = [toolCall("b", 0, "read_secret"), toolCall("b", HOUR_MS - 1, "http_request")];
    expect(inShort(await replayed(together(quiet, busy)))).toEqual(["b suspicious-tool-sequence line 3"]);
  });
});

describe("two warnings of one agent, a year ago", () => {
  it("are critical together within the minute, and not a millisecond later", async () => {
    const near = [warning("near", 0, "budget"), warning("near", MINUTE_MS, "reputation")];
    const far = [warning("far", 0, "budget"), warning("far", MINUTE_MS + 1, "reputation")];
    const report = await replayed(together(near, far));
    expect(report.candidates[0]!.incidents.map(({ agentId }) => agentId)).toEqual(["near"]);
    // Both of each were told to a person first.
    expect(report.candidates[0]!.warnings).toBe(4);
  });
});

describe("a cascade of a year ago", () => {
  const today = `
fleet:
  agents: [{ id: mover, wallet: ops }, { id: follower, wallet: ops }, { id: third, wallet: ops }, { id: fourth, wallet: ops }]
  automaticFreezes: { share: 0, atLeast: 2 }`;

  it("contains who shares the wallet and only warned, as live does", async () => {
    const lines = together(loop("mover", 0), [warning("follower", 60_000, "reputation")]);
    const [, follower] = (await replayed(lines, { today })).candidates[0]!.incidents;
    expect(follower).toMatchObject({ agentId: "follower", severity: "critical", budget: "freeze" });
    expect(follower!.cascadeId).toMatch(/^cas-/);
  });

  it("is none where the warning comes after its window", async () => {
    const lines = together(loop("mover", 0, 8), [warning("follower", 7_000 + 300_001, "reputation")]);
    expect(inShort(await replayed(lines, { today }))).toEqual(["mover escrow-burst line 8"]);
  });

  it("counts the cap of automatic freezes by the trace's hours, not by those of the replay", async () => {
    const mover = [...loop("mover", 0), warning("follower", 60_000, "reputation")];
    const full = await replayed(together(mover, [warning("third", 61_000, "reputation")]), { today });
    expect(full.candidates[0]!.incidents.map(({ agentId }) => agentId)).toEqual(["mover", "follower"]);
    expect(full.candidates[0]!.waiting).toEqual(["third"]);
    const nextHour = [...loop("fourth", 2 * HOUR_MS), warning("third", 2 * HOUR_MS + 60_000, "reputation")];
    const free = await replayed(together(mover, nextHour), { today });
    expect(free.candidates[0]!.incidents.map(({ agentId }) => agentId)).toEqual([
      ...["mover", "follower", "fourth", "third"],
    ]);
  });
});

describe("an agent that is contained", () => {
  it("stays so: what follows joins, and what it takes back itself is no churn of its own", async () => {
    const taken = loop("a", 0, 20).map(({ body }, index) => {
      const { payload } = body as { payload: Record<string, string> };
      const atMs = lastYear + MINUTE_MS + index * 1_000;
      return { atMs, body: { ...body, timestamp: atMs / 1_000, payload: { ...payload, status: "refunded" } } };
    });
    const report = await replayed(together(loop("a", 0, 20), taken));
    expect(inShort(report)).toEqual(["a escrow-burst line 8"]);
  });
});

describe("settings that only observe", () => {
  it("are tried as if they acted: the cap of what automation may freeze holds", async () => {
    const today = `
mode: observe
fleet:
  agents: [{ id: mover, wallet: ops }, { id: follower, wallet: ops }]
  automaticFreezes: { share: 0, atLeast: 1 }`;
    const lines = together(loop("mover", 0), [warning("follower", 60_000, "reputation")]);
    const { incidents, waiting } = (await replayed(lines, { today })).candidates[0]!;
    expect(incidents.map(({ agentId }) => agentId)).toEqual(["mover"]);
    expect(waiting).toEqual(["follower"]);
  });
});
