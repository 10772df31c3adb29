/** Limits of one body (guarantees.md section 7). */
const MAX_DEPTH = 32;
const MAX_KEYS = 1_000;
const MAX_STRING_LENGTH = 16_384;

/**
 * What is too much about a parsed JSON value, or null. Walks with a list of its own instead of recursion: 64 KB of `[`
 * parse well and overflow the stack of whoever walks them naively.
 */
export function excessOf(root: unknown): string | null {
  let level: unknown[] = [root];
  let keys = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `must not nest deeper than ${MAX_DEPTH} levels`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string" && value.length > MAX_STRING_LENGTH)
        return `must not hold a text longer than ${MAX_STRING_LENGTH} characters`;
      if (typeof value !== "object" || value === null) continue;
      // for...in would be as safe here (JSON.parse makes own keys only) and is slower.
      const inner = Array.isArray(value) ? value : Object.values(value);
      keys += inner.length;
      if (keys > MAX_KEYS) return `must not hold more than ${MAX_KEYS} keys and items`;
      for (const item of inner) {
        if (typeof item === "string" ? item.length > MAX_STRING_LENGTH : typeof item === "object" && item !== null)
          next.push(item);
      }
    }
    level = next;
  }
  return null;
}
