/** Money comes as decimal strings of the gateway and is never a float here: text in, text out. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** "46800.5" as "$46,800.50"; at least two decimals, more only where they say something. What is no amount stays as it is. */
export function moneyText(amount: string): string {
  const parts = DECIMAL.exec(amount);
  if (!parts) return amount;
  const [, sign = "", whole = "", decimals = ""] = parts;
  const kept = decimals.replace(/0+$/, "").padEnd(2, "0");
  return `${sign === "-" ? "−" : ""}$${whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",")}.${kept}`;
}

export function isZero(amount: string): boolean {
  return /^-?0*(\.0*)?$/.test(amount);
}

const SCALE = 8;

/** Of several decimal strings, exact; what is no amount counts for nothing. */
export function sumMoney(amounts: readonly string[]): string {
  return fromUnits(amounts.reduce((sum, amount) => sum + toUnits(amount), 0n));
}

/** a − b, at least 0: what is still to be had. */
export function leftOf(a: string, ...less: readonly string[]): string {
  const rest = toUnits(a) - less.reduce((sum, amount) => sum + toUnits(amount), 0n);
  return fromUnits(rest < 0n ? 0n : rest);
}

function toUnits(amount: string): bigint {
  const parts = DECIMAL.exec(amount);
  if (!parts) return 0n;
  const [, sign, whole, decimals = ""] = parts;
  const units = BigInt(`${whole}${decimals.slice(0, SCALE).padEnd(SCALE, "0")}`);
  return sign === "-" ? -units : units;
}

function fromUnits(units: bigint): string {
  const text = (units < 0n ? -units : units).toString().padStart(SCALE + 1, "0");
  const decimals = text.slice(-SCALE).replace(/0+$/, "").padEnd(2, "0");
  return `${units < 0n ? "-" : ""}${text.slice(0, -SCALE)}.${decimals}`;
}

/** Whether a person wrote an amount the API takes: "500", "500.00". */
export function isAmount(text: string): boolean {
  return /^\d{1,15}(\.\d{1,8})?$/.test(text.trim());
}
