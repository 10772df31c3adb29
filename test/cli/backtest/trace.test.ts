import { describe, expect, it } from "vitest";
import { noCounts, readTrace, type Told } from "../../../src/cli/backtest/trace.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { type Said, traceFile } from "../../support/trace.ts";

const settings = readSettings(undefined, {});
const at = "2024-03-01T10:00:00Z";
const atMs = Date.parse(at);

async function read(lines: readonly (Said | string | object)[], strict = false) {
  const counts = noCounts();
  const told: Told[] = [];
  const file = traceFile(
    lines.map((line) => (typeof line === "object" && !("atMs" in line) ? JSON.stringify(line) : line)),
  );
  for await (const one of readTrace(file, { settings, partitions: 1, strict }, counts)) told.push(one);
  return { counts, told, times: told.map(({ stored }) => stored.receivedAt - atMs) };
}

const ping = (more: object) => ({
  event_type: "budget_threshold",
  agent_id: "a",
  ...more,
  payload: { utilization_pct: 50, ...("payload" in more ? (more.payload as object) : {}) },
});

describe("the time of a line", () => {
  it.each([
    ["seconds", { timestamp: atMs / 1_000 }],
    ["milliseconds", { timestamp: atMs }],
    ["ISO", { timestamp: at }],
    ["created_at", { created_at: at }],
    ["timestamp within the payload", { payload: { timestamp: at } }],
    ["created_at within the payload", { payload: { created_at: at } }],
  ])("is what it says: %s", async (_, more) => {
    expect((await read([ping(more)])).times).toEqual([0]);
  });

  it("is that of the line before where it says none, and that is counted", async () => {
    const { times, counts } = await read([
      ping({ timestamp: at, id: 1 }),
      ping({ id: 2 }),
      ping({ timestamp: atMs + 5, id: 3 }),
      ping({ id: 4 }),
    ]);
    expect(times).toEqual([0, 0, 5, 5]);
    expect(counts.withoutTime).toBe(2);
  });

  it("is none, and the line bad, where no line before it has one", async () => {
    const { times, counts } = await read([ping({ id: 1 }), ping({ timestamp: at, id: 2 })]);
    expect(times).toEqual([0]);
    expect(counts.badLines).toEqual([{ line: 1, mistake: "says no time, and no line before it does" }]);
  });

  it("is not believed before 2020 and past 2059", async () => {
    const { times, counts } = await read([
      ping({ timestamp: at, id: 1 }),
      ping({ timestamp: "2019-12-31T23:59:59Z", id: 2 }),
      ping({ timestamp: "2059-06-01T00:00:00Z", id: 3 }),
    ]);
    expect(times).toEqual([0, 0, 0]);
    expect(counts.withoutTime).toBe(2);
  });
});

describe("lines that are no event", () => {
  const good = ping({ timestamp: at });
  it("are counted and named with their number, and the others count", async () => {
    const { counts, told } = await read([
      "{",
      "",
      JSON.stringify(good),
      '{"event_type":"budget_threshold","agent_id":"a","timestamp":1709287200,"payload":{}}',
    ]);
    expect(counts).toMatchObject({ lines: 3, events: 1, bad: 2 });
    expect(counts.badLines).toEqual([
      { line: 1, mistake: "body must be valid JSON" },
      { line: 4, mistake: "payload.utilization_pct must say how many percent of the budget are used" },
    ]);
    expect(told[0]!.line).toBe(3);
  });

  it("are named up to ten", async () => {
    const { counts } = await read([...Array.from({ length: 11 }, () => "no"), JSON.stringify(good)]);
    expect(counts.bad).toBe(11);
    expect(counts.badLines).toHaveLength(10);
  });

  it("end it at the first where that is asked for, and always where all are", async () => {
    await expect(read([JSON.stringify(good), "no"], true)).rejects.toThrow(/, line 2: body must be valid JSON$/);
    await expect(read(["no", "never"])).rejects.toThrow(/no line is an event; line 1: body must be valid JSON$/);
    await expect(read([""])).rejects.toThrow(/holds no events$/);
  });

  it("may be longer than any webhook, without being kept", async () => {
    const { counts } = await read([`"${"x".repeat(4 * 1024 * 1024)}"`, JSON.stringify(good)]);
    expect(counts.badLines).toEqual([{ line: 1, mistake: "is too long to be a webhook" }]);
    expect(counts.events).toBe(1);
  });
});

describe("what comes twice", () => {
  const same = (afterMs: number, id?: number) =>
    ping({ timestamp: atMs, ...(id && { id }), payload: { told: afterMs } });
  it("is one event by its id, or in the same words; the same id at another time is another", async () => {
    const words = ping({ timestamp: at });
    const { counts } = await read([same(0, 7), same(1, 7), words, words, ping({ timestamp: atMs + 1, id: 7 })]);
    expect(counts).toMatchObject({ events: 3, duplicates: 2 });
  });

  it("without id or time of its own is another after 15 minutes of the trace", async () => {
    const words = ping({});
    const clock = (afterMs: number) => ping({ timestamp: atMs + afterMs, id: afterMs + 1 });
    const { counts } = await read([clock(0), words, clock(899_999), words, clock(900_000), words]);
    expect(counts).toMatchObject({ events: 5, duplicates: 1 });
  });
});

describe("what agents tell of themselves", () => {
  it("is taken alone, as a list, and as a list in an object", async () => {
    const call = (index: number) => ({
      type: "tool_call",
      agent_id: "a",
      timestamp: atMs + index,
      details: { tool_name: "search" },
    });
    const { told, times } = await read([call(0), [call(1), call(2)], { events: [call(3)] }]);
    expect(times).toEqual([0, 1, 2, 3]);
    expect(told.map(({ stored, line }) => `${stored.source} ${line}`)).toEqual([
      "activity 1",
      "activity 2",
      "activity 2",
      "activity 3",
    ]);
  });

  it("with a mistake in a batch is no event at all, as at the intake", async () => {
    const { counts } = await read([
      { events: [{ type: "tool_call", agent_id: "a", timestamp: at }] },
      ping({ timestamp: at }),
    ]);
    expect(counts).toMatchObject({ events: 1, bad: 1 });
    expect(counts.badLines[0]!.mistake).toMatch(/^events\[0\].tool_name must name/);
  });
});
