import { describe, expect, it } from "vitest";
import { mistakesIn, read } from "./reading.ts";

const row = (fields: Record<string, unknown>) => ({
  event_type: "transaction_recorded",
  event_id: "transaction-4711",
  agent_id: "agent-7",
  payload: { transaction_id: 4711, amount: "-150.00", type: "withdrawal", description: "payment:int-1", ...fields },
});

describe("a row of an agent's account", () => {
  it("is read with its sign, its type and its description in the gateway's words", () => {
    expect(read(row({}))).toMatchObject({
      agentId: "agent-7",
      facts: {
        kind: "transaction",
        transactionId: "4711",
        amount: "-150.00",
        type: "withdrawal",
        description: "payment:int-1",
      },
    });
    expect(read(row({ amount: 2.5, type: null, description: null })).facts).toMatchObject({
      amount: "2.50",
      type: "",
      description: "",
    });
  });

  it("does not take the event's own type or id for the row's where both stand side by side", () => {
    const flat = { type: "transaction_recorded", agent_id: "agent-7", id: "tx-1", amount: "-1.00" };
    expect(read(flat).facts).toMatchObject({ transactionId: "tx-1", type: "" });
    expect(mistakesIn({ ...row({ transaction_id: null }), id: "evt-9" })).toEqual(["payload.transaction_id"]);
  });

  it("is refused without an amount that is one, all mistakes at once", () => {
    expect(mistakesIn(row({ amount: "lots" }))).toEqual(["payload.amount"]);
    expect(mistakesIn(row({ amount: null, transaction_id: "no spaces" }))).toEqual([
      "payload.amount",
      "payload.transaction_id",
    ]);
  });
});

describe("a reputation as it was read", () => {
  const reading = (score: unknown) => ({ event_type: "reputation_reading", agent_id: "agent-7", payload: { score } });

  it("is a score from 0 to 1, or unknown", () => {
    expect(read(reading(0.85)).facts).toEqual({ kind: "standing", score: 0.85 });
    expect(read(reading(0)).facts).toEqual({ kind: "standing", score: 0 });
    expect(read(reading(1)).facts).toEqual({ kind: "standing", score: 1 });
    expect(read(reading(null)).facts).toEqual({ kind: "standing", score: null });
  });

  it("is refused on the gateway's own scale of 0 to 100: as a share it would be nonsense", () => {
    expect(mistakesIn(reading(1.01))).toEqual(["payload.score"]);
    expect(mistakesIn(reading(-0.01))).toEqual(["payload.score"]);
    expect(mistakesIn(reading("good"))).toEqual(["payload.score"]);
  });
});
