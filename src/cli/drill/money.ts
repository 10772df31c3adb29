import { addMoney, formatMoney, type Money, money } from "../../incident/money.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import type { DrillFacts, Effect } from "./facts.ts";

/** Where the money of a drill went, as the gateway tells it. Decimal strings. */
export interface DrillMoney {
  /** What the agents that were frozen had locked when each freeze took effect; null if none was. */
  atFreeze: string | null;
  recovered: string;
  lost: string;
  /** Escrows that should have come back and did not: paid out, or still held. */
  lostEscrows: readonly {
    escrowId: string;
    payer: string;
    payee: string;
    amount: string;
    became: "settled" | "held";
  }[];
  /** Escrows that we took back although nothing asked for it. */
  takenWrongly: readonly string[];
}

interface Followed {
  escrowId: string;
  payer: string;
  payee: string;
  amount: Money;
  createdSeq: number;
  /** What ended it, first one counts; null while it is held. */
  end: Effect | null;
}

/** Follows every escrow from its creation to its end. */
export function moneyOf(
  scenario: Scenario,
  { effects }: Pick<DrillFacts, "effects">,
  frozenAt: ReadonlyMap<string, number>,
  responder: string,
): DrillMoney {
  const escrows = follow(effects);
  const { comesBack = [], mayComeBack = [] } = scenario.expected;
  const isAmong = (named: typeof comesBack, { payer, payee }: Followed) =>
    named.some((one) => one.payer === payer && (one.payee ?? payee) === payee);
  const isTheirOwn = ({ end }: Followed) => end?.effect === "escrow.refunded" && end.actor !== responder;
  const due = escrows.filter((one) => isAmong(comesBack, one) && !isTheirOwn(one));
  const back = due.filter(({ end }) => end?.effect === "escrow.refunded" || end?.effect === "escrow.expired");
  const lost = due.filter((one) => !back.includes(one));
  const refundedByUs = escrows.filter(({ end }) => end?.effect === "escrow.refunded" && end.actor === responder);
  return {
    atFreeze:
      frozenAt.size === 0 ? null : formatMoney(sum(escrows.filter((one) => wasLocked(one, frozenAt, responder)))),
    recovered: formatMoney(sum(back)),
    lost: formatMoney(sum(lost)),
    lostEscrows: lost.map(({ escrowId, payer, payee, amount, end }) => ({
      ...{ escrowId, payer, payee, amount: formatMoney(amount) },
      became: end ? "settled" : "held",
    })),
    takenWrongly: refundedByUs
      .filter((one) => !due.includes(one) && !isAmong(mayComeBack, one))
      .map(({ escrowId }) => escrowId),
  };
}

/** What we had already begun to take back still counts as locked: the freeze and the cancels go out side by side. */
function wasLocked({ payer, createdSeq, end }: Followed, frozenAt: ReadonlyMap<string, number>, responder: string) {
  const freezeSeq = frozenAt.get(payer);
  if (freezeSeq === undefined || createdSeq > freezeSeq) return false;
  return end === null || end.seq > freezeSeq || end.actor === responder;
}

function follow(effects: readonly Effect[]): Followed[] {
  const escrows = new Map<string, Followed>();
  for (const effect of effects) {
    const { escrowId = "", agentId = "", payee = "", amount = "0", seq } = effect;
    if (effect.effect === "escrow.created")
      escrows.set(escrowId, { escrowId, payer: agentId, payee, amount: money(amount), createdSeq: seq, end: null });
    const known = escrows.get(escrowId);
    if (known && known.end === null && /^escrow\.(refunded|settled|expired)$/.test(effect.effect)) known.end = effect;
  }
  return [...escrows.values()];
}

const sum = (escrows: readonly { amount: Money }[]): Money => addMoney(...escrows.map(({ amount }) => amount));
