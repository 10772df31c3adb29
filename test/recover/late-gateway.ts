import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps, Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { modelGateway } from "./model.ts";

/** The caps of one agent; a write of 0 lands at once, a raise only when it is told to. */
export interface LateGateway {
  gateway: Gateway;
  caps: BudgetCaps;
  /** Raises that are out and have not landed. */
  raisesOut(): number;
  /** Resolves when one more raise than now is out. */
  nextRaise(): Promise<void>;
  /** The oldest raise that is out lands; answers its action key. Unanswered: whoever sent it never hears of it. */
  land(options?: { unanswered: boolean }): string | null;
  /** Action key of the oldest raise that is out. */
  oldest(): string | null;
}

/** onRaise is called as a raise leaves for the gateway. */
export function lateGateway(onRaise: () => Promise<void> = async () => undefined): LateGateway {
  const out: { caps: BudgetCaps; actionKey: string; answer: () => void }[] = [];
  let waiting: (() => void)[] = [];
  const late: LateGateway = {
    caps: { dailyCap: money("500.00"), monthlyCap: null, alertThreshold: 0.8 },
    raisesOut: () => out.length,
    oldest: () => out[0]?.actionKey ?? null,
    nextRaise: () => new Promise((resolve) => waiting.push(resolve)),
    land({ unanswered } = { unanswered: false }) {
      const raise = out.shift();
      if (!raise) return null;
      late.caps = raise.caps;
      if (!unanswered) raise.answer();
      return raise.actionKey;
    },
    gateway: {
      ...modelGateway().gateway,
      readBudget: async (agentId: string) => ({
        agentId,
        ...late.caps,
        dailySpend: undefined,
        monthlySpend: undefined,
        utilizationPct: 0,
      }),
      async setBudget(_agentId: string, caps: BudgetCaps, actionKey: string) {
        if (caps.dailyCap === 0n) {
          late.caps = caps;
          return { outcome: "done", value: caps };
        }
        await onRaise();
        const landed = Promise.withResolvers<void>();
        out.push({ caps, actionKey, answer: landed.resolve });
        for (const tell of waiting) tell();
        waiting = [];
        await landed.promise;
        return { outcome: "done", value: caps };
      },
      // biome-ignore lint/correctness/useYield: this agent has no escrows
      async *listEscrows() {
        return;
      },
      setWalletFrozen: async () => ({
        outcome: "not-done",
        error: new TourniquetError("gateway-refused", "no admin key"),
      }),
    } as unknown as Gateway,
  };
  return late;
}
