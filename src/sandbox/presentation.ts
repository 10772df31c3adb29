import { formatMoney, type Money } from "../incident/money.ts";

/**
 * The gateway's answers are made twice: a tool returns raw values, and the REST routes then pass them through a serializer
 * that rewrites what it knows by key. `/v1/batch` skips that step, which is why the same tool shows "150.00" here and 150
 * there. Raw values here: Money as bigint, `Unrounded` for text like "150.0", times as unix seconds.
 */
export class Unrounded {
  readonly amount: Money;
  constructor(amount: Money) {
    this.amount = amount;
  }
}

const moneyKeys = new Set(["balance", "amount", "cost", "new_balance", "average_rating"]);
const timeKeys = new Set(["created_at", "updated_at", "verified_at", "timestamp"]);

/** Named money keys become two-decimal strings, other money stays a number (caps, spends, total_cost); named times become ISO. */
export function presentRest(value: unknown, key = ""): unknown {
  if (value instanceof Unrounded) return pythonText(value.amount);
  if (typeof value === "bigint") return moneyKeys.has(key) ? twoDecimals(value as Money) : asNumber(value as Money);
  if (typeof value === "number" && timeKeys.has(key)) return isoUtc(value);
  if (typeof value === "number" && moneyKeys.has(key)) return value.toFixed(2);
  return each(value, presentRest);
}

/** Numbers for all money and unix seconds for all times. */
export function presentBatch(value: unknown): unknown {
  if (value instanceof Unrounded) return asNumber(value.amount);
  if (typeof value === "bigint") return asNumber(value as Money);
  return each(value, presentBatch);
}

function each(value: unknown, present: (value: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => present(item, ""));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, present(item, key)]));
}

/** Half a cent is rounded as Python prints a float; amounts below a cent show as "0.00". */
export function twoDecimals(amount: Money): string {
  return asNumber(amount).toFixed(2);
}

export function asNumber(amount: Money): number {
  return Number(formatMoney(amount));
}

/** "150.0", "0.25": one decimal at least. */
function pythonText(amount: Money): string {
  return formatMoney(amount).replace(/(\.\d)0$/, "$1");
}

export function isoUtc(unixSec: number): string {
  return new Date(unixSec * 1000).toISOString().replace("Z", "+00:00");
}

export function seconds(ms: number): number {
  return ms / 1000;
}

/**
 * JSON as Python writes it: ", " and ": " between parts, everything beyond ASCII escaped. Webhook bodies go out like this,
 * so a receiver that parses, prints and then verifies fails here as it would fail against the real gateway.
 */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${parts.map(([key, item]) => `${escaped(key)}: ${pythonJson(item)}`).join(", ")}}`;
  }
  return typeof value === "string" ? escaped(value) : (JSON.stringify(value) ?? "null");
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same with keys in order: what the bus hashes. */
export function sortedPythonJson(value: unknown): string {
  return pythonJson(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
