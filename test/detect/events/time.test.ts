import { describe, expect, it } from "vitest";
import { RECEIVED_AT, read } from "./reading.ts";

describe("the time of an event", () => {
  const occurred = (fields: Record<string, unknown>) => read({ type: "test.ping", ...fields }).occurredAt;
  const at = RECEIVED_AT - 90_000;

  it.each([
    ["seconds", { timestamp: at / 1000 }],
    ["fractions of seconds", { timestamp: at / 1000 + 0.0001 }],
    ["milliseconds", { timestamp: at }],
    ["text of seconds", { timestamp: String(at / 1000) }],
    ["ISO", { created_at: new Date(at).toISOString() }],
    ["ISO without a zone, which is UTC", { created_at: new Date(at).toISOString().replace(/\.000Z$/, "") }],
    ["ISO with an offset", { created_at: new Date(at + 3_600_000).toISOString().replace("Z", "+01:00") }],
    ["the payload", { payload: { timestamp: at } }],
    ["the payload's created_at", { payload: { created_at: at } }],
    ["the event before the payload", { created_at: at, payload: { created_at: at - 1e6 } }],
  ])("is read from %s", (_, fields) => {
    expect(occurred(fields)).toBe(at);
  });

  it.each([
    [{}],
    [{ timestamp: "yesterday" }],
    [{ timestamp: 5 }],
    [{ timestamp: RECEIVED_AT + 300_001 }],
    [{ timestamp: {} }],
    [{ timestamp: -1 }],
    [{ created_at: "2026-13-45T99:99:99" }],
  ])("is the time of arrival for %j", (fields) => {
    expect(occurred(fields)).toBe(RECEIVED_AT);
  });
});
