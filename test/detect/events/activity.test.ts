import { describe, expect, it } from "vitest";
import { judge } from "../../../src/detect/judge.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { mistakesIn, read } from "./reading.ts";

const toolCall = (details: Record<string, unknown>) =>
  read({ event_type: "tool_call", agent_id: "a", details: { tool_name: "http_request", ...details } });
const bytes = (details: Record<string, unknown>) => {
  const { facts } = toolCall(details);
  return facts.kind === "tool-call" ? facts.bodyBytes : null;
};

describe("what a tool call sends out", () => {
  it.each([
    [0, {}],
    [0, { parameters: { url: "https://x" } }],
    [0, { parameters: { body: null } }],
    [4, { parameters: { body: "four" } }],
    [6, { params: { body: "äöü" } }],
    [9, { input: { body: { a: "x" } } }],
    [7, { arguments: { body: [1, 2, 3] } }],
    [5, { arguments: '{"body":"fives"}' }],
    [9, { parameters: "{ no json" }],
    [8, { parameters: ["ab", 1] }],
    [12_345, { body_bytes: 12_345 }],
    [777, { parameters: { body_bytes: 777 } }],
    [20_000, { body_bytes: 3, parameters: { body: "x".repeat(20_000) } }],
    [30_000, { body_bytes: 30_000, parameters: { body: "x" } }],
  ])("is %i bytes for %j", (expected, details) => {
    expect(bytes(details)).toBe(expected);
  });

  it("is counted however deep or long it is: an agent cannot make its own report unreadable", () => {
    const deep = JSON.parse(`${"[".repeat(400)}${"]".repeat(400)}`);
    expect(bytes({ parameters: { body: deep } })).toBe(800);
    const rows = Array.from({ length: 4_000 }, (_, index) => index);
    expect(bytes({ parameters: { body: rows } })).toBe(JSON.stringify(rows).length);
    const text = `{"body":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect(bytes({ arguments: text })).toBe(text.length);
  });
});

describe("an exfiltration (D11)", () => {
  const judged = (tool_name: string, bodyBytes: number, own = {}) =>
    judge(toolCall({ tool_name, body_bytes: bodyBytes }), {
      ...defaultThresholds,
      dataExfiltration: { ...defaultThresholds.dataExfiltration, ...own },
    });

  it("is found in one call, with the tool and the bytes, and not a byte of what was sent", () => {
    expect(judged("send_email", 10_001)).toMatchObject([
      {
        kind: "data-exfiltration",
        severity: "critical",
        why: { observed: { tool: "send_email", bodyBytes: 10_001 }, thresholds: { bodyBytes: 10_000 } },
      },
    ]);
    const secret = "s3cret".repeat(2_000);
    const [signal] = judge(toolCall({ parameters: { body: secret } }), defaultThresholds);
    expect(signal?.why.observed).toEqual({ tool: "http_request", bodyBytes: 12_000 });
    expect(JSON.stringify(signal)).not.toContain("s3cret");
  });

  it("follows the tools and the size it is given", () => {
    expect(judged("upload", 50_000)).toEqual([]);
    expect(judged("upload", 51, { tools: ["upload"], bodyBytes: 50 })).toHaveLength(1);
    expect(judged("http_request", 50_000, { tools: ["upload"] })).toEqual([]);
  });
});

describe("an error event", () => {
  const codeOf = (details: unknown) => {
    const { facts } = read({ event_type: "error", agent_id: "a", ...(details as object) });
    return facts.kind === "error" ? facts.code : undefined;
  };

  it.each([
    [{ details: { code: "insufficient-balance" } }],
    [{ details: { code: "INSUFFICIENT_BALANCE" } }],
    [{ details: { error_code: "InsufficientBalanceError" } }],
    [{ details: { code: "insufficient_funds" } }],
    [{ details: { code: "402 insufficient balance" } }],
    [{ details: { code: 402, message: "Insufficient balance: 12.00 needed" } }],
    [{ details: { code: "wallet-empty" } }],
    [{ details: { code: "wallet_is_empty" } }],
    [{ payload: { error: { code: "insufficient-wallet-balance" } } }],
    [{ details: { error: "insufficient funds" } }],
    [{ code: "insufficient-balance" }],
  ])("says lack of balance in one word for %j", (details) => {
    expect(codeOf(details)).toBe("insufficient-balance");
  });

  it.each([
    [{ details: { code: 402, message: "Budget cap exceeded" } }, "402"],
    [{ details: { code: "budget-exceeded", message: "insufficient balance of budget" } }, "budget-exceeded"],
    [{ details: { code: "insufficient-tier" } }, "insufficient-tier"],
    [{ details: { code: "ECONNRESET" } }, "econnreset"],
    [{ details: { message: "it broke" } }, null],
    [{ details: { code: { odd: true } } }, null],
    [{}, null],
  ])("is left at its own code for %j", (details, code) => {
    expect(codeOf(details)).toBe(code);
  });
});

describe("an auth event", () => {
  const facts = (details: Record<string, unknown>) => read({ event_type: "auth", agent_id: "a", details }).facts;

  it.each([["ip"], ["address"], ["ip_address"], ["source_ip"]])("names its address as %s", (name) => {
    expect(facts({ [name]: "2001:DB8::1", user_agent: " sdk/1 " })).toEqual({
      kind: "auth",
      address: "2001:db8::1",
      userAgent: "sdk/1",
      succeeded: true,
    });
  });

  it("has one spelling for one host, and takes the time from its details", () => {
    expect(facts({ ip: "::FFFF:10.1.2.3" })).toMatchObject({ address: "10.1.2.3", userAgent: null });
    expect(read({ event_type: "auth", agent_id: "a", details: { timestamp: "2026-11-20T02:00:00Z" } }).occurredAt).toBe(
      Date.UTC(2026, 10, 20, 2),
    );
  });

  it.each([
    [{ success: false }, false],
    [{ outcome: "Failure" }, false],
    [{ status: "denied" }, false],
    [{ success: true }, true],
    [{ outcome: "granted" }, true],
  ])("says with %j whether it succeeded", (details, succeeded) => {
    expect(facts(details)).toMatchObject({ succeeded });
  });
});

describe("a reading of an identity", () => {
  it("has one spelling for one key, and refuses a word for the verification that it does not know", () => {
    const reading = (payload: Record<string, unknown>) => ({ type: "identity_reading", agent_id: "a", payload });
    expect(read(reading({ public_key: "AbCd", verification: "unknown" })).facts).toEqual({
      kind: "identity",
      publicKey: "abcd",
      verification: "unknown",
    });
    expect(read(reading({ verification: "valid" })).facts).toMatchObject({ publicKey: null });
    expect(mistakesIn(reading({ public_key: 7, verification: "good" }))).toEqual([
      "payload.public_key",
      "payload.verification",
    ]);
    expect(mistakesIn(reading({}))).toEqual(["payload.verification"]);
  });
});
