import { TourniquetError } from "../../src/errors.ts";
import type { StepPorts } from "../../src/runbooks/runbook.ts";

/**
 * killed: the process is gone before call `at`; nothing is called any more.
 * unclear: call `at` takes effect and its answer is lost; the process goes on. Redis's client sends such a command again,
 * a write to the gateway is of unknown outcome, a read from it fails.
 */
export type Interruption = { how: "killed" | "unclear"; at: number };

const portNames = [
  "gateway",
  "agentControl",
  "incidents",
  "actions",
  "caps",
  "marks",
  "verdicts",
  "dispatch",
  "clock",
] as const;
/** Whose answers are lost; Redis's client sends a command again. */
const outside = ["gateway", "agentControl"];
const writes = [
  ...["setBudget", "cancelEscrow", "setWalletFrozen", "publishEvent", "submitMetrics"],
  ...["setTools", "setIsolated", "setPaused", "rotateCredentials"],
];

/** The same ports, each call counted, one of them interrupted. `abort` fires as the process is killed. */
export function interrupted(
  real: StepPorts,
  interruption: Interruption | null,
): { ports: StepPorts; calls: string[]; abort: AbortSignal } {
  const calls: string[] = [];
  const killed = new AbortController();
  const lost = new TourniquetError("gateway-timeout", "the answer is lost");
  const wrap = (port: string, name: string, call: (...args: unknown[]) => unknown) => {
    const isHit = () => {
      calls.push(name);
      if (interruption?.how === "killed" && calls.length >= interruption.at) killed.abort(new Error("killed"));
      killed.signal.throwIfAborted();
      return interruption?.how === "unclear" && calls.length === interruption.at;
    };
    if (name === "listEscrows")
      return async function* (...args: unknown[]) {
        const hit = isHit();
        yield* call(...args) as AsyncIterable<unknown>;
        if (hit) throw lost;
      };
    return async (...args: unknown[]) => {
      const hit = isHit();
      const answer = await call(...args);
      if (!hit) return answer;
      if (!outside.includes(port)) return call(...args);
      if (writes.includes(name)) return { outcome: "unknown", error: lost };
      throw lost;
    };
  };
  const wrapped = portNames.map((port) => [
    port,
    Object.fromEntries(
      Object.entries(real[port] ?? {}).map(([name, value]) => [
        name,
        typeof value === "function" ? wrap(port, name, value.bind(real[port])) : value,
      ]),
    ),
  ]);
  return { ports: { ...real, ...Object.fromEntries(wrapped) }, calls, abort: killed.signal };
}
