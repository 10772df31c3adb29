/** How long each benchmark may take. Quick only shows that everything runs: its numbers mean nothing. */
export interface Mode {
  name: "default" | "quick";
  rounds: number;
  roundMs: number;
  warmUpMs: number;
  /** Webhooks timed in each round of the hand-off. */
  probes: number;
  backgroundPerSecond: number;
  latencyMs: number;
  /** Escrows held when the incident opens. */
  escrows: readonly number[];
  concurrencies: readonly number[];
  cascade: number;
  limited: { escrows: number; perSecond: number; burst: number };
}

export const modes: Readonly<Record<Mode["name"], Mode>> = {
  default: {
    name: "default",
    rounds: 3,
    roundMs: 3_000,
    warmUpMs: 2_000,
    probes: 30,
    backgroundPerSecond: 500,
    latencyMs: 200,
    escrows: [5, 50, 312],
    concurrencies: [64, 128, 320],
    cascade: 40,
    limited: { escrows: 312, perSecond: 50, burst: 50 },
  },
  quick: {
    name: "quick",
    rounds: 1,
    roundMs: 300,
    warmUpMs: 200,
    probes: 5,
    backgroundPerSecond: 100,
    latencyMs: 20,
    escrows: [5],
    concurrencies: [64],
    cascade: 3,
    limited: { escrows: 20, perSecond: 50, burst: 10 },
  },
};
