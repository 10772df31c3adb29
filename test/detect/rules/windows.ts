import { addMoney, type Money, money } from "../../../src/incident/money.ts";
import type { WindowEntry, WindowView } from "../../../src/incident/windows.ts";

/** A full minute, so that offsets in these tests do not cross one by accident. */
export const noon = Date.UTC(2026, 10, 20, 12);
export const MINUTE_MS = 60_000;

/** `count` escrows, one every `everyMs`; amount and payee may depend on the index. */
export function escrows(
  count: number,
  given: {
    everyMs?: number;
    from?: number;
    payee?: string | ((index: number) => string);
    amount?: string | ((index: number) => string);
  } = {},
): WindowEntry[] {
  const { everyMs = 1_000, from = noon, payee = "flaky-upstream", amount = "150.00" } = given;
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * everyMs;
    return {
      escrowId: `esc-${at}-${index}`,
      payee: typeof payee === "string" ? payee : payee(index),
      amount: typeof amount === "string" ? amount : amount(index),
      at,
      eventId: `evt-0-${at}-${index}`,
      end: null,
    };
  });
}

/** These escrows, cancelled `afterMs` after they were opened. */
export function cancelled(entries: readonly WindowEntry[], afterMs = 0): WindowEntry[] {
  return entries.map((entry) => ({
    ...entry,
    end: { state: "refunded", at: entry.at + afterMs, eventId: entry.eventId, isOurs: false },
  }));
}

/** What a rule sees: these escrows, and in the minutes `before` them the given principal. */
export function windowOf(entries: readonly WindowEntry[], before: readonly string[] = []): WindowView {
  const principalByMinute = new Map<number, Money>();
  const add = (minute: number, amount: Money) =>
    principalByMinute.set(minute, addMoney(principalByMinute.get(minute) ?? (0n as Money), amount));
  for (const entry of entries) add(Math.floor(entry.at / MINUTE_MS), money(entry.amount));
  for (const [index, amount] of before.entries()) add(noon / MINUTE_MS - 10 - index, money(amount));
  return {
    at: Math.max(...entries.map(({ at }) => at)),
    entries,
    escrows: entries.map(({ escrowId, payee, amount, at, eventId, end }) => ({
      escrowId,
      payee,
      amount,
      opened: { at, eventId },
      end,
    })),
    outflows: [],
    principalByMinute,
    outflowByMinute: new Map(),
    afreshMinute: -1,
    epoch: 0,
    observed: 0,
    openIncident: null,
    capsSeenAt: null,
  };
}

/** Amounts that no two escrows share, around `middle` dollars. */
export const around =
  (middle: number) =>
  (index: number): string =>
    `${middle - 5 + index}.${String(10 + index)}`;
