import { addMoney, type Money, zero } from "../incident/money.ts";

/** One payment of an interval. payee null: nobody knows whom, and so it repeats no other. */
export interface Payment {
  at: number;
  eventId: string;
  payee: string | null;
  units: Money;
}

/** How much of an interval's money was paid again to the same payees, at one moment of it. */
export interface Repetition {
  /** All that was spent until then. */
  spent: Money;
  /** What payees got beside their largest payment: nothing of a batch that pays each once, nearly all of a loop. */
  repeated: Money;
  /** Repeated of spent, 0..1, in thousandths. */
  share: number;
  largestPayment: Money;
  payments: number;
  /** There were more than are kept, and so are counted here. */
  isMore: boolean;
  /** Payments to nobody knows whom. */
  unnamed: number;
  payees: number;
  /** Whose repeated part is the largest; null: nobody was paid twice. */
  mostRepeated: string | null;
}

/**
 * The end of the interval if `isTelling` says yes of it, else the first moment of which it does, else the end: looked at payment
 * by payment, so that it does not matter in which order their events arrived, and what comes after a loss does not hide it.
 * payments: those that are kept, oldest first. Null without any.
 */
export function repetition(
  payments: readonly Payment[],
  all: { total: Money; named: Money },
  isTelling: (moment: Repetition) => boolean,
): Repetition | null {
  const moments = momentsOf(payments);
  const last = moments.pop();
  if (last === undefined) return null;
  const end = standingFor(all, last, payments);
  return isTelling(end) ? end : (moments.find(isTelling) ?? end);
}

/** After each of the payments. */
function momentsOf(payments: readonly Payment[]): Repetition[] {
  const byPayee = new Map<string, { largest: Money; repeated: Money }>();
  let [spent, repeated, largestPayment, most] = [zero, zero, zero, zero];
  let mostRepeated: string | null = null;
  let unnamed = 0;
  return payments.map(({ payee, units }, index) => {
    spent = addMoney(spent, units);
    largestPayment = larger(largestPayment, units);
    const before = payee === null ? undefined : byPayee.get(payee);
    if (payee === null) unnamed += 1;
    const again = before ? (units < before.largest ? units : before.largest) : zero;
    const own = addMoney(before?.repeated ?? zero, again);
    if (payee !== null) byPayee.set(payee, { largest: larger(before?.largest ?? zero, units), repeated: own });
    repeated = addMoney(repeated, again);
    if (own > most) [most, mostRepeated] = [own, payee];
    const counts = { payments: index + 1, isMore: false, unnamed, payees: byPayee.size };
    return { spent, repeated, share: shareOf(repeated, spent), largestPayment, ...counts, mostRepeated };
  });
}

/** The kept payments stand for all there were: those to named payees for the named, as they were. */
function standingFor(
  all: { total: Money; named: Money },
  { repeated, ...last }: Repetition,
  payments: readonly Payment[],
): Repetition {
  const kept = payments.reduce((sum, { payee, units }) => (payee === null ? sum : addMoney(sum, units)), zero);
  const grown = all.named > kept && kept > zero ? (((repeated * all.named) / kept) as Money) : repeated;
  return {
    ...last,
    isMore: last.spent < all.total,
    spent: all.total,
    repeated: grown,
    share: shareOf(grown, all.total),
  };
}

const larger = (a: Money, b: Money): Money => (a > b ? a : b);
const shareOf = (part: Money, whole: Money): number => (whole === zero ? 0 : Number((part * 1000n) / whole) / 1000);
