import { describe, expect, it } from "vitest";
import { readBudget, readCapsEcho } from "../../src/greenhelix/budget-fields.ts";
import { readEscrow, stateOf } from "../../src/greenhelix/escrow-fields.ts";
import { parseExactJson } from "../../src/greenhelix/exact-json.ts";
import { readIdentity, readReputation, readVerification } from "../../src/greenhelix/identity-fields.ts";
import { money } from "../../src/incident/money.ts";

const unreadable = expect.objectContaining({ code: "gateway-unreadable" });

describe("a budget", () => {
  it.each([
    [{ daily_cap: 500.0, monthly_cap: null, daily_pct: 20, monthly_pct: 35 }, money(500), null, 35],
    [{ daily_limit: "500.00", daily_spent: "100", utilization_pct: "97.5" }, money(500), undefined, 97.5],
    [{ daily: "0", monthly: "0" }, money(0), money(0), 0],
    [{ daily_cap: null, monthly_limit: 1e-8, daily_pct: null }, null, money("0.00000001"), 0],
  ])("is read in every dialect: %j", (body, dailyCap, monthlyCap, utilizationPct) => {
    expect(readBudget("a", body)).toMatchObject({ agentId: "a", dailyCap, monthlyCap, utilizationPct });
  });

  it.each([{}, { monthly_cap: 5 }, { daily_cap: "unlimited" }, { daily_cap: "" }, { daily_cap: true }, [], null, "0"])(
    "that names no daily cap is neither uncapped nor frozen: %j",
    (body) => {
      expect(() => readBudget("a", body)).toThrow(unreadable);
    },
  );

  it("is taken as sent where a write's answer does not repeat it", () => {
    const sent = { dailyCap: money(5), monthlyCap: null, alertThreshold: 0.7 };
    expect(readCapsEcho({ ok: true }, sent)).toEqual(sent);
    expect(readCapsEcho({ daily_cap: 4.5, monthly_cap: null }, sent)).toEqual({ ...sent, dailyCap: money("4.5") });
  });
});

describe("an escrow", () => {
  const row = { id: "e", payer: "a", payee: "b", amount: "150.00", status: "held" };

  it.each([
    [1767225600, 1767225600000],
    [1767225600.5, 1767225600500],
    [1767225600000, 1767225600000],
    ["1767225600", 1767225600000],
    ["2026-01-01T00:00:00+00:00", 1767225600000],
    ["2026-01-01T00:00:00", 1767225600000],
    ["soon", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("was created at %s", (created_at, expected) => {
    expect(readEscrow({ ...row, created_at }).createdAt).toBe(expected);
  });

  it.each(["held", "pending", "funded", "active", "created", "locked", "HELD"])("that is %s is held", (word) => {
    expect(readEscrow({ ...row, status: word })).toMatchObject({ state: "held", rawStatus: word });
  });

  it.each([
    ["settled released completed paid", "settled"],
    ["refunded cancelled canceled", "refunded"],
    ["expired timeout timed_out", "expired"],
    ["disputed", "disputed"],
    ["constructor toString frozen ?", "unknown"],
  ])("that is one of %s is %s", (words, state) => {
    expect(new Set(words.split(" ").map(stateOf))).toEqual(new Set([state]));
  });

  it("is the queried agent's own where its row names no payer, as the seeds' rows do", () => {
    expect(readEscrow({ ...row, payer: undefined, payee: undefined }, "a")).toMatchObject({
      payer: "a",
      state: "held",
    });
    expect(readEscrow(row, "somebody-else").payer).toBe("a");
    expect(() => readEscrow({ ...row, payer: undefined })).toThrow(unreadable);
  });

  it.each([{ amount: undefined }, { amount: 2 ** 53 }, { amount: "NaN" }, { id: "" }, { status: 3 }])(
    "that lacks what it needs is not read: %j",
    (broken) => {
      expect(() => readEscrow({ ...row, ...broken })).toThrow(unreadable);
    },
  );
});

describe("numbers in an answer", () => {
  it("keep every digit", () => {
    const body = '{"amount": 9007199254740.12345678, "daily_cap": 1234567890.12345678, "n": 12, "s": "1"}';
    expect(parseExactJson(body)).toEqual({
      amount: "9007199254740.12345678",
      daily_cap: "1234567890.12345678",
      n: 12,
      s: "1",
    });
    expect(readBudget("a", parseExactJson(body)).dailyCap).toBe(money("1234567890.12345678"));
  });
});

describe("what is said of an agent", () => {
  it("is a verdict only if it is plainly true or false", () => {
    const verdicts = [
      { verified: true },
      { verified: false },
      { valid: true },
      {},
      { verified: null },
      { verified: "yes" },
    ];
    expect(verdicts.map((body) => readVerification(body).verdict)).toEqual([
      "valid",
      "invalid",
      "valid",
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  it("is no score where nobody computed one", () => {
    const scores = [
      { composite_score: 73, confidence: 0.4 },
      { composite_score: 0, confidence: 0 },
      { composite_score: 0 },
      { composite_score: 0, confidence: 0.5 },
      { reputation_score: 0.73 },
      { reputation_score: "0.5" },
      {},
    ];
    expect(scores.map((body) => readReputation(body).score)).toEqual([
      0.73,
      undefined,
      undefined,
      0,
      0.73,
      0.5,
      undefined,
    ]);
  });

  it("keeps the record whole beside what is read of it", () => {
    expect(readIdentity("a", { public_key: "", org_id: "default" })).toEqual({
      agentId: "a",
      publicKey: undefined,
      createdAt: undefined,
      raw: { public_key: "", org_id: "default" },
    });
  });
});
