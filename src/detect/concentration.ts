import { addMoney, type Money, zero } from "../incident/money.ts";

/** One payment of an interval; payee: who got it, or what stands in for that. */
export interface Payment {
  at: number;
  eventId: string;
  payee: string;
  units: Money;
}

/** Who got most of an interval's money at one moment of it. */
export interface Concentration {
  payee: string;
  /** 0..1, in thousandths. */
  share: number;
  /** All that was spent until then. */
  spent: Money;
  /** What the payee got of it beside its largest payment: nothing of a single one, nearly all of a loop. */
  again: Money;
}

/**
 * The first moment of which `isTelling` says yes, else the end of the interval: looked at payment by payment, so that it does not
 * matter in which order their events arrived. payments: those that are kept, oldest first; total: all there were, which the
 * kept ones stand for. Null without any.
 */
export function concentration(
  payments: readonly Payment[],
  total: Money,
  isTelling: (moment: Concentration) => boolean,
): Concentration | null {
  const byPayee = new Map<string, { sum: Money; largest: Money }>();
  let sum = zero;
  let moment: Concentration | null = null;
  for (const [index, { payee, units }] of payments.entries()) {
    const before = byPayee.get(payee) ?? { sum: zero, largest: zero };
    const largest = units > before.largest ? units : before.largest;
    byPayee.set(payee, { sum: addMoney(before.sum, units), largest });
    sum = addMoney(sum, units);
    moment = momentOf(byPayee, sum, index === payments.length - 1 ? total : sum);
    if (isTelling(moment)) return moment;
  }
  return moment;
}

function momentOf(
  byPayee: ReadonlyMap<string, { sum: Money; largest: Money }>,
  sum: Money,
  spent: Money,
): Concentration {
  const [payee, most] = [...byPayee].reduce((top, one) => (one[1].sum > top[1].sum ? one : top));
  if (sum === zero) return { payee, share: 0, spent, again: zero };
  return {
    payee,
    share: Number((most.sum * 1000n) / sum) / 1000,
    spent,
    again: (((most.sum - most.largest) * spent) / sum) as Money,
  };
}
