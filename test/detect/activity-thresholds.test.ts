import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { concluded, named, newAgent, start, type Told, tell } from "./telemetry.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const MINUTE_MS = 60_000;
const calls = (agentId: string, tools: readonly string[], everyMs: number, from = start): Told[] =>
  tools.map((tool_name, index) => ({
    agentId,
    type: "tool_call",
    atMs: from + index * everyMs,
    details: { tool_name },
  }));
const errors = (agentId: string, count: number, everyMs: number): Told[] =>
  Array.from({ length: count }, (_, index) => ({
    agentId,
    type: "error",
    atMs: start + Math.round(index * everyMs),
    details: { code: index % 3 ? "timeout" : "refused" },
  }));
/** What the default settings conclude in the end. */
async function told(events: readonly Told[], yaml?: string) {
  for (const event of events) await tell(stores, event, yaml);
  return concluded(stores, events[0]!.agentId);
}

describe("a burst of tool calls (D9): more than 3 times 10 within a minute", () => {
  const burst = (count: number, overMs: number) => {
    const tools = Array.from({ length: count }, (_, index) => (index % 4 ? "search" : "fetch"));
    return told(calls(newAgent(), tools, overMs / (count - 1)));
  };

  it("is none at 30, and critical at 31, naming the tool called most and the minute behind it", async () => {
    expect(await burst(30, MINUTE_MS)).toEqual([]);
    const [signal] = await burst(31, MINUTE_MS);
    expect(signal).toMatchObject({
      kind: "tool-call-burst",
      severity: "critical",
      why: {
        rule: "tool-call-burst",
        thresholds: { factor: 3, callsPerMinute: 10, limit: 30 },
        observed: { count: 31, tool: "search" },
        baseline: { kind: "cold-start", samples: 0, minimumSamples: 10 },
      },
    });
    expect(signal?.why.events).toHaveLength(31);
  });

  it("is a minute, to the millisecond", async () => {
    expect(await burst(31, MINUTE_MS + 30)).toEqual([]);
  });
});

describe("an agent whose own calls per minute are known (D9)", () => {
  /** `minutes` minutes of `each` calls, then `count` within half a minute. */
  async function afterHistory(minutes: number, each: number, count: number, yaml?: string, everyMs = 400) {
    const agentId = newAgent();
    for (let minute = 0; minute < minutes; minute += 1)
      await told(calls(agentId, Array(each).fill("search"), 1_000, start - (minutes - minute + 2) * MINUTE_MS), yaml);
    return told(calls(agentId, Array(count).fill("search"), everyMs), yaml);
  }

  it("is held to 3 times that where it is more than 10, after ten minutes with calls and not after nine", async () => {
    expect(await afterHistory(10, 12, 36)).toEqual([]);
    const [signal] = await afterHistory(10, 12, 37);
    expect(signal?.why).toMatchObject({
      thresholds: { limit: 36 },
      observed: { count: 37, z: expect.any(Number) },
      baseline: { kind: "robust", samples: 10, median: 12, mad: 0 },
    });
    expect(named(await afterHistory(9, 12, 31))).toEqual(["tool-call-burst critical"]);
  });

  it("may do thirty also where it usually does one: the baseline never falls below the setting", async () => {
    expect(await afterHistory(12, 1, 30)).toEqual([]);
    expect(named(await afterHistory(12, 1, 31))).toEqual(["tool-call-burst critical"]);
    const strict = "thresholds: { toolCallBurst: { callsPerMinute: 1 } }";
    expect(await afterHistory(12, 1, 3, strict)).toEqual([]);
    expect(named(await afterHistory(12, 1, 4, strict))).toEqual(["tool-call-burst critical"]);
  });

  it("is seen to exceed its limit also with more calls than its window holds", async () => {
    const own = "thresholds: { toolCallBurst: { minimumSamples: 1, factor: 10, callsPerMinute: 4 } }";
    expect(await afterHistory(1, 25, 250, own, 200)).toEqual([]);
    const [signal] = await afterHistory(1, 25, 251, own, 200);
    expect(signal?.why).toMatchObject({ observed: { count: 251 }, thresholds: { limit: 250 } });
  });
});

describe("a suspicious sequence of tools (D10): in order, among the last 5 calls", () => {
  const order = (...tools: string[]) => told(calls(newAgent(), tools, 1_000));

  it.each([
    [["read_secret", "http_request"]],
    [["database_query", "x", "send_email"]],
    [["file_read", "x", "x", "x", "http_request"]],
    [["x", "x", "x", "file_read", "http_request", "x"]],
  ])("is critical for %j", async (tools) => {
    expect(named(await order(...tools))).toEqual(["suspicious-tool-sequence critical"]);
  });

  it.each([
    [["file_read", "x", "x", "x", "x", "http_request"]],
    [["http_request", "read_secret"]],
    [["read_secret", "send_email"]],
    [["http_request", "http_request", "http_request"]],
  ])("is none for %j", async (tools) => {
    expect(await order(...tools)).toEqual([]);
  });

  it("counts by the time of the calls, not by that of their arrival", async () => {
    const [first, second] = calls(newAgent(), ["read_secret", "http_request"], 5_000);
    expect(named(await told([second!, first!]))).toEqual(["suspicious-tool-sequence critical"]);
    const [one, two] = calls(newAgent(), ["http_request", "read_secret"], 5_000);
    expect(await told([two!, one!])).toEqual([]);
  });

  it("assumes the dangerous order where times are equal", async () => {
    expect(named(await told(calls(newAgent(), ["http_request", "read_secret"], 0)))).toEqual([
      "suspicious-tool-sequence critical",
    ]);
  });

  it("is what the settings name: a tool twice needs two calls, and the last three are three", async () => {
    const own = "thresholds: { toolSequences: { sequences: [[fetch, fetch]], last: 3 } }";
    const play = (...tools: string[]) => told(calls(newAgent(), tools, 1_000), own);
    expect(await play("fetch")).toEqual([]);
    expect(await play("fetch", "x", "x", "fetch")).toEqual([]);
    expect(named(await play("fetch", "x", "fetch"))).toEqual(["suspicious-tool-sequence critical"]);
  });

  it("says which tools, in which calls", async () => {
    const [signal] = await order("x", "read_secret", "http_request");
    expect(signal?.why).toMatchObject({
      thresholds: { sequence: "read_secret, http_request", last: 5 },
      observed: { tool: "http_request", calls: "x, read_secret, http_request" },
    });
    expect(signal?.why.events).toHaveLength(2);
  });
});

describe("a large body sent out (D11): more than 10,000 bytes", () => {
  const send = (tool_name: string, body: string) =>
    tell(stores, { agentId: newAgent(), type: "tool_call", atMs: start, details: { tool_name, parameters: { body } } });

  it.each([["http_request"], ["send_email"], ["webhook_call"]])(
    "is none at 10,000 and critical at 10,001: %s",
    async (tool) => {
      expect(await send(tool, "x".repeat(10_000))).toEqual([]);
      expect(named(await send(tool, "x".repeat(10_001)))).toEqual(["data-exfiltration critical"]);
    },
  );

  it("counts bytes, not characters, and no tool that stays inside", async () => {
    expect(named(await send("http_request", "ä".repeat(5_001)))).toEqual(["data-exfiltration critical"]);
    expect(await send("file_read", "x".repeat(30_000))).toEqual([]);
  });
});

describe("a spike of errors (D12): more than 20 within 5 minutes", () => {
  it("is none at 20, and a warning at 21 that restricts the agent", async () => {
    expect(await told(errors(newAgent(), 20, 15_000))).toEqual([]);
    const [signal] = await told(errors(newAgent(), 21, 15_000));
    expect(signal).toMatchObject({
      kind: "error-spike",
      severity: "warning",
      why: { thresholds: { count: 20, windowMs: 300_000 }, observed: { count: 21, code: "timeout" } },
    });
    const kept = await stores.verdicts.load(signal!.agentId, signal!.id);
    expect(kept).toMatchObject({ tier: "auto-contain", decidedBy: expect.stringContaining("error-spike") });
  });

  it("is five minutes, to the millisecond", async () => {
    expect(await told(errors(newAgent(), 21, 15_001))).toEqual([]);
  });

  it("may be set above what a window usually holds", async () => {
    const many = "thresholds: { errorSpike: { count: 120 } }";
    expect(await told(errors(newAgent(), 120, 1_000), many)).toEqual([]);
    expect(named(await told(errors(newAgent(), 121, 1_000), many))).toEqual(["error-spike warning"]);
  });
});
