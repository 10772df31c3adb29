import type { Log } from "../incident/ports.ts";

/**
 * At most one line of a kind per interval, with how many were left out since: a flood of bad signatures or an outage of
 * Redis must not fill the disk of the log (guarantees.md, pitfall 26). Counters in /metrics keep the full number.
 */
export function sparing(log: Log, intervalMs = 1_000, now: () => number = Date.now): Log {
  const kinds = new Map<string, { at: number; suppressed: number }>();
  const line = (level: keyof Log) => (fields: Record<string, unknown>, what: string) => {
    const kind = kinds.get(what) ?? { at: Number.NEGATIVE_INFINITY, suppressed: 0 };
    kinds.set(what, kind);
    if (now() - kind.at < intervalMs) {
      kind.suppressed += 1;
      return;
    }
    log[level](kind.suppressed > 0 ? { ...fields, suppressed: kind.suppressed } : fields, what);
    kind.at = now();
    kind.suppressed = 0;
  };
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
