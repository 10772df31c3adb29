import type { ActivityEntry, CallView } from "../../incident/activity.ts";
import type { Rule } from "./rule.ts";

/**
 * D10: tools called in an order that a takeover has and work has not, such as reading a secret and then the network. Looks at
 * every run of the last N calls, by the time they were made, that this call is part of: so it does not matter which of them
 * was told of last. Calls of one instant have no order; the dangerous one is assumed.
 */
export const suspiciousToolSequence: Rule<CallView> = {
  name: "suspicious-tool-sequence",
  version: 1,
  signal: "suspicious-tool-sequence",
  find({ entries, eventId }, { toolSequences: { sequences, last } }) {
    const own = entries.findIndex((entry) => entry.eventId === eventId);
    if (own < 0) return null;
    for (let start = Math.max(0, own - last + 1); start <= own; start += 1) {
      const calls = entries.slice(start, start + last);
      for (const sequence of sequences) {
        const found = inOrder(calls, sequence);
        if (found === null) continue;
        const tools = sequence.join(", then ");
        return {
          severity: "critical",
          sentence: `${tools} within ${calls.length} tool calls: an order that is not allowed`,
          suspectPayee: null,
          thresholds: { sequence: sequence.join(", "), last },
          // The last is where it goes out: what similar agents are looked for by (C8).
          observed: { tool: sequence.at(-1) ?? "", calls: calls.map(({ what }) => what).join(", ") },
          baseline: null,
          entries: found,
        };
      }
    }
    return null;
  },
};

/** The calls that make the sequence, or null; others may stand between. calls: by time. */
function inOrder(calls: readonly ActivityEntry[], sequence: readonly string[]): readonly ActivityEntry[] | null {
  const found: ActivityEntry[] = [];
  for (const tool of sequence) {
    const from = found.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    const next = calls.find((call) => call.what === tool && call.at >= from && !found.includes(call));
    if (next === undefined) return null;
    found.push(next);
  }
  return found.length > 0 ? found : null;
}
