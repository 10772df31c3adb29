import { type ErrorCode, TourniquetError } from "../../src/errors.ts";
import type { Escrow, EscrowState, Gateway, Outcome } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";

type CancelAnswer = Outcome<{ state: EscrowState }>;
export const notDone = (code: ErrorCode) => ({ outcome: "not-done", error: new TourniquetError(code, code) }) as const;
export const unclear = { outcome: "unknown", error: new TourniquetError("gateway-timeout", "no answer") } as const;
export const cancelled = { outcome: "done", value: { state: "refunded" } } as const;

/** Escrows of one payer in memory. What a cancel does and answers is for the test to say; without a word it refunds. */
export interface EscrowGateway {
  gateway: Gateway;
  states: Map<string, EscrowState>;
  /** Every call in the order it was made: "cancel esc-1", "read esc-1". */
  calls: string[];
  /** The next answers to cancels of this escrow, each with what happens to it before the answer. */
  script: Map<string, { becomes?: EscrowState; answer: CancelAnswer }[]>;
}

export function anEscrow(id: string, given: Partial<Escrow> = {}): Escrow {
  return {
    id,
    payer: "agent-7",
    payee: "flaky-upstream",
    amount: money("150.00"),
    state: "held",
    rawStatus: "held",
    createdAt: undefined,
    ...given,
  };
}

export function escrowGateway(pages: readonly (readonly Escrow[])[]): EscrowGateway {
  const states = new Map(pages.flat().map((escrow) => [escrow.id, escrow.state]));
  const escrows = new Map(pages.flat().map((escrow) => [escrow.id, escrow]));
  const calls: string[] = [];
  const script: EscrowGateway["script"] = new Map();
  const gateway = {
    async *listEscrows() {
      for (const page of pages)
        yield page.filter(({ id, state }) => (states.get(id) ?? state) === "held" || state !== "held");
    },
    async readEscrow(_agentId: string, id: string) {
      calls.push(`read ${id}`);
      return { ...escrows.get(id)!, state: states.get(id)! };
    },
    async cancelEscrow(_agentId: string, id: string): Promise<CancelAnswer> {
      calls.push(`cancel ${id}`);
      const scripted = script.get(id)?.shift();
      if (scripted?.becomes) states.set(id, scripted.becomes);
      if (scripted) return scripted.answer;
      states.set(id, "refunded");
      return cancelled;
    },
  };
  return { gateway: gateway as unknown as Gateway, states, calls, script };
}
