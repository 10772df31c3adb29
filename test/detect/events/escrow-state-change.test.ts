import { describe, expect, it } from "vitest";
import { understand } from "../../../src/detect/event.ts";
import { mistakesIn, read } from "./reading.ts";

describe("an escrow_state_change event", () => {
  const escrow = (fields: Record<string, unknown>) =>
    read({ event_type: "escrow_state_change", payload: { escrow_id: "esc-1", payer: "p", status: "held", ...fields } });

  it("belongs to the payer, whoever is named beside it", () => {
    const event = read({
      event_type: "escrow_state_change",
      agent_id: "shop",
      payload: { id: 12, payer_id: "p", payee_id: "shop", new_status: "held" },
    });
    expect(event.agentId).toBe("p");
    expect(event.facts).toMatchObject({ escrowId: "12", payer: "p", payee: "shop", amount: null });
  });

  it("puts nobody's money at the payee's door when only the payee is named", () => {
    const event = read({
      event_type: "escrow_state_change",
      payload: { escrow_id: "esc-1", payee: "shop", status: "held" },
    });
    expect(event.agentId).toBe("shop");
    expect(event.facts).toMatchObject({ payer: null, payee: "shop" });
  });

  it.each([
    ["held", "held"],
    ["PENDING", "held"],
    ["funded", "held"],
    ["active", "held"],
    ["released", "settled"],
    ["settled", "settled"],
    ["cancelled", "refunded"],
    ["refunded", "refunded"],
    ["expired", "expired"],
    ["disputed", "disputed"],
    ["on-the-moon", "unknown"],
  ])("knows the status word %s as %s", (word, state) => {
    expect(escrow({ status: word }).facts).toMatchObject({ state });
    expect(escrow({ old_status: word }).facts).toMatchObject({ previousState: state });
  });

  it("prefers the new status to the status", () => {
    expect(escrow({ status: "held", new_status: "released", previous_status: "held" }).facts).toMatchObject({
      state: "settled",
      previousState: "held",
    });
  });

  it("is expired when it is an escrow_timeout that says no more", () => {
    expect(read({ type: "escrow_timeout", escrow_id: "esc-1", payer: "p" }).facts).toMatchObject({ state: "expired" });
    expect(read({ type: "escrow_timeout", escrow_id: "esc-1", payer: "p", status: "held" }).facts).toMatchObject({
      state: "held",
    });
  });

  it.each([
    [150, "150.00"],
    ["150.5", "150.50"],
    [0.1, "0.10"],
    ["0.00000001", "0.00000001"],
    [1e-8, "0.00000001"],
  ])("reads the amount %s as %s", (amount, text) => {
    expect(escrow({ amount }).facts).toMatchObject({ amount: text });
  });

  it.each([[2 ** 53], [1e21], [-1], ["-1"], ["1e3"], ["1.123456789"], [""], [" 1"], [true], [[1]], [{}], ["1,000"]])(
    "refuses the amount %j by name, or reads an empty one as absent",
    (amount) => {
      const body = {
        event_type: "escrow_state_change",
        payload: { escrow_id: "e", payer: "p", status: "held", amount },
      };
      expect(mistakesIn(body)).toEqual(amount === "" ? [] : ["payload.amount"]);
    },
  );

  it("says how to send an amount that JSON cannot carry", () => {
    const body =
      '{"event_type":"escrow_state_change","payer":"p","escrow_id":"e","status":"held","amount":9007199254740993}';
    expect(understand(body)).toMatchObject({
      mistakes: [{ field: "amount", problem: expect.stringContaining("decimal string") }],
    });
  });
});
