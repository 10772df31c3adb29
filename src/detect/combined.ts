import { isHearsay } from "../incident/hearsay.ts";
import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Verdicts } from "../incident/verdict.ts";

/**
 * D15: warnings of two different kinds about one agent within one detection interval are critical, each of them, so that the
 * order in which they came changes nothing. A failed check of ours says nothing about the agent and does not count; what
 * is critical already needs no company.
 */
export async function combined(
  verdicts: Pick<Verdicts, "between">,
  signal: Signal,
  windowMs: number,
): Promise<readonly Signal[]> {
  if (!counts(signal)) return [];
  const near = await verdicts.between(signal.agentId, signal.occurredAt - windowMs, signal.occurredAt + windowMs);
  const others = near.map((verdict) => verdict.signal).filter((other) => counts(other) && other.kind !== signal.kind);
  const first = others[0];
  if (first === undefined) return [];
  return [raised(signal, first), ...others.map((other) => raised(other, signal))];
}

const counts = (signal: Signal): boolean =>
  signal.severity === "warning" && signal.kind !== "detection-failure" && !isHearsay(signal);

function raised(signal: Signal, other: Signal): Signal {
  return {
    ...signal,
    id: signalId(signal.kind, signal.agentId, `combined ${signal.id}`),
    severity: "critical",
    why: {
      ...signal.why,
      sentence: `${signal.why.sentence} And within the same interval: ${other.why.sentence}`,
      observed: { ...signal.why.observed, combinedWith: other.kind },
      events: [...new Set([...signal.why.events, ...other.why.events])].slice(-50),
    },
  };
}
