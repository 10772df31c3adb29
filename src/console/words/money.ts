import { AMOUNT, addMoney, formatMoney, type Money, parseMoney, zero } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";

/** Money comes as decimal strings of the gateway and is never a float here: text in, text out, whole numbers between. */

/** "46800.5" as "$46,800.50". What is no amount stays as it is. */
export function moneyText(amount: string): string {
  const value = parseMoney(amount);
  if (value === undefined) return amount;
  return value < zero ? `−${dollars(-value as Money)}` : dollars(value);
}

export function isZero(amount: string): boolean {
  return parseMoney(amount) === zero;
}

/** Exact; what is no amount counts for nothing. */
export function sumMoney(amounts: readonly string[]): string {
  return formatMoney(addMoney(...amounts.map(unitsOf)));
}

/** What is left of an amount after others were taken from it; never less than nothing. */
export function leftOf(amount: string, ...less: readonly string[]): string {
  const rest = less.reduce<bigint>((left, one) => left - unitsOf(one), unitsOf(amount));
  return formatMoney((rest < 0n ? 0n : rest) as Money);
}

/** Whether a person wrote an amount that the API takes: "500", "500.00". */
export function isAmount(text: string): boolean {
  return AMOUNT.test(text.trim());
}

const unitsOf = (amount: string): Money => parseMoney(amount) ?? zero;
