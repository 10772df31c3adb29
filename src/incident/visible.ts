/**
 * What a terminal would obey instead of show: escape sequences and other control characters, line ends of Unicode's own, and what
 * turns the direction of writing.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Data of others on one line: a reason or an id can forge neither a line nor a colour, it is seen for what it is ("\u001b[31m"). */
export function visible(text: string): string {
  return text.replace(UNSEEN, (one) => short[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same of a text that has lines of its own, such as a stack trace. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");

/** The same of every text in a view, keys included, before it is laid out. JSON needs none of it. */
export function visibly<T>(view: T): T {
  return made(view) as T;
}

function made(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(made);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visible(key), made(one)]));
}
