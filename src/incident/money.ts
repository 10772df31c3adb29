/**
 * Money is a whole number of 1e-8 credits, the gateway's own unit (greenhelix.md, head; 100 credits = 1 USD there is
 * theirs to convert: we show what the gateway counts). Outside it is a decimal string. It is never a float: a JSON
 * number is read through its shortest decimal text, and refused where that text no longer names one amount.
 */
export type Money = bigint & { readonly __money: true };

const SCALE_DIGITS = 8;
const SCALE = 10n ** BigInt(SCALE_DIGITS);
const CENT = SCALE / 100n;
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d+))?$/;
const EXPONENT = /^(-?)(\d)(?:\.(\d+))?e([+-]?\d{1,2})$/i;

/** An amount as somebody outside writes it (guarantees.md section 7): no sign, no space, no exponent, nothing to round. */
export const AMOUNT = /^\d{1,15}(?:\.\d{1,8})?$/;

export const zero = 0n as Money;

/** Reads "150", "150.00", 150 or 1e-8 into Money; digits past the 8th decimal are rounded, half away from zero. Undefined if it is no amount. */
export function parseMoney(value: unknown): Money | undefined {
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
    return fromDecimal(plainDecimal(String(value)));
  }
  return typeof value === "string" ? fromDecimal(plainDecimal(value.trim())) : undefined;
}

/** The same for amounts we wrote ourselves. Throws RangeError: such a text is a defect, not input. */
export function money(value: string | number): Money {
  const parsed = parseMoney(value);
  if (parsed === undefined) throw new RangeError(`not an amount of money: ${value}`);
  return parsed;
}

/** "150.00", "0.00000001": two decimals at least, more only where they matter. */
export function formatMoney(amount: Money): string {
  const negative = amount < 0n;
  const units = negative ? -amount : amount;
  const decimals = (units % SCALE).toString().padStart(SCALE_DIGITS, "0").replace(/0+$/, "").padEnd(2, "0");
  return `${negative ? "-" : ""}${units / SCALE}.${decimals}`;
}

export function addMoney(...amounts: readonly Money[]): Money {
  return amounts.reduce<bigint>((sum, amount) => sum + amount, 0n) as Money;
}

/**
 * floor(amount x percent / 100): never a unit more than the share (G11), of a negative amount neither, where division would cut
 * towards zero. Percent is a whole number, else RangeError.
 */
export function percentOf(amount: Money, percent: number): Money {
  const hundredfold = amount * BigInt(percent);
  const cut = hundredfold / 100n;
  return (hundredfold < 0n && hundredfold % 100n !== 0n ? cut - 1n : cut) as Money;
}

/** The share of a cap that is written: whole cents of it, rounded down, since a gateway may show no more than cents of what it keeps. */
export function centsOf(amount: Money, percent: number): Money {
  const share = percentOf(amount, percent);
  return (share - (((share % CENT) + CENT) % CENT)) as Money;
}

/** Whether what is shown may be what was written: less than a cent apart. */
export function isWithinACent(one: Money, other: Money): boolean {
  const apart = one - other;
  return apart < CENT && -apart < CENT;
}

/** The same of caps, where null is uncapped, which only uncapped is. */
export function isSameCap(one: Money | null, other: Money | null): boolean {
  return one === other || (one !== null && other !== null && isWithinACent(one, other));
}

function fromDecimal(text: string): Money | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? "";
  const kept = BigInt(match[2]!) * SCALE + BigInt(fraction.slice(0, SCALE_DIGITS).padEnd(SCALE_DIGITS, "0"));
  const rounded = Number(fraction[SCALE_DIGITS] ?? "0") >= 5 ? kept + 1n : kept;
  return (match[1] ? -rounded : rounded) as Money;
}

function plainDecimal(text: string): string {
  const match = EXPONENT.exec(text);
  if (!match) return text;
  const exponent = Number(match[4]);
  const digits = match[2]! + (match[3] ?? "");
  const point = 1 + exponent;
  if (point <= 0) return `${match[1]}0.${"0".repeat(-point)}${digits}`;
  return `${match[1]}${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point) || "0"}`;
}
