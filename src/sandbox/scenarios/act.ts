/** What somebody does at one moment, over the gateway's own routes and with a key of their own. */
export type Act = { atMs: number } & (
  | Open
  | Loop
  /** The agent takes back its newest escrow that is still held. */
  | { does: "cancel-newest"; payer: string }
  | Release
  | { does: "lift-caps"; agentId: string; daily: string; monthly: string }
  /** Ten escrows at most, past the caps: the batch route ignores them. */
  | { does: "open-by-batch"; payer: string; payee: string; amount: string; count: number }
  | { does: "upload-key"; agentId: string; publicKey: string }
  /** The gateway's opinion of an agent changes; 0..1. */
  | { does: "rate"; agentId: string; score: number }
  | { does: "withdraw"; agentId: string; amount: string }
  | Report
  /** The SDKs send the errors they have kept, in one delivery. */
  | { does: "send-errors" }
);

export interface Open {
  does: "open";
  payer: string;
  payee: string;
  amount: string;
}

/** The same escrow again and again, the first at atMs. Once its caps refuse it the agent hammers on, and nobody waits for it. */
export interface Loop {
  does: "loop";
  payer: string;
  payee: string;
  amount: string;
  attempts: number;
  everyMs: number;
  /** It gives up trying once the gateway has taken one. */
  untilAccepted?: boolean;
  /** What follows when the caps refuse it for the first time; atMs counts from then. */
  onceRefused?: readonly Act[];
}

/** Held escrows are paid out, oldest first. The payee may do that too: nothing stops it. */
export interface Release {
  does: "release";
  by: "payer" | "payee";
  payer: string;
  payee: string;
  count: number | "all";
}

/** What an agent's own telemetry tells the activity intake. `bodyBytes` is how long a body to make up. */
export interface Report {
  does: "report";
  agentId: string;
  type: "tool_call" | "output" | "error" | "auth";
  details: Readonly<Record<string, unknown>>;
  bodyBytes?: number;
  /** Several in one delivery, evenly over the time before it; left out: one. */
  times?: number;
  spanMs?: number;
}
