export interface JsonLimits {
  depth: number;
  keys: number;
  stringLength: number;
}

/** Of one body of the gateway's (guarantees.md section 7). */
export const gatewayLimits: JsonLimits = { depth: 32, keys: 1_000, stringLength: 16_384 };

/**
 * Of one entry of an agent's telemetry. What a tool was given stands in it, and the agent chooses that: nothing it can send
 * shall make its own report unreadable before the 64 KB of a body do. The depth is what JSON.stringify surely stands.
 */
export const telemetryLimits: JsonLimits = { depth: 500, keys: 65_536, stringLength: 65_536 };

/**
 * What is too much about a parsed JSON value, or null. Walks with a list of its own instead of recursion: 64 KB of `[`
 * parse well and overflow the stack of whoever walks them naively.
 */
export function excessOf(root: unknown, limits: JsonLimits): string | null {
  let level: unknown[] = [root];
  let keys = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limits.depth) return `must not nest deeper than ${limits.depth} levels`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string" && value.length > limits.stringLength)
        return `must not hold a text longer than ${limits.stringLength} characters`;
      if (typeof value !== "object" || value === null) continue;
      // for...in would be as safe here (JSON.parse makes own keys only) and is slower.
      const inner = Array.isArray(value) ? value : Object.values(value);
      keys += inner.length;
      if (keys > limits.keys) return `must not hold more than ${limits.keys} keys and items`;
      for (const item of inner) {
        if (typeof item === "string" ? item.length > limits.stringLength : typeof item === "object" && item !== null)
          next.push(item);
      }
    }
    level = next;
  }
  return null;
}
