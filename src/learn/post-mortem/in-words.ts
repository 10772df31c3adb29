import { formatMoney, type Money, money } from "../../incident/money.ts";

/** "$46,800.00": the gateway's decimals, thousands apart. Takes a decimal string or Money. */
export function dollars(amount: string | Money): string {
  const [whole = "", decimals = ""] = (
    typeof amount === "string" ? formatMoney(money(amount)) : formatMoney(amount)
  ).split(".");
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${decimals}`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/** "850 ms", "4.2 s", "2 min 5 s", "1 d 3 h": two units at most, the smaller one cut off. */
export function lasting(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1).replace(/\.0$/, "")} s`;
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`;
  const at = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[at]!;
  const [nextName, nextSize] = units[at + 1] ?? ["s", 1_000];
  const rest = Math.floor((ms % size) / nextSize);
  return `${Math.floor(ms / size)} ${name}${rest === 0 ? "" : ` ${rest} ${nextName}`}`;
}

/** "1 escrow", "12 escrows". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The same, with the end left out where there are many. */
export function someOf(names: readonly string[], most = 10): string {
  return names.length <= most ? list(names) : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** One sentence that ends like one. */
export function sentence(text: string): string {
  const trimmed = text.trim().replace(/\s+/g, " ");
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
