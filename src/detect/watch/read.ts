import type { TourniquetError } from "../../errors.ts";
import type { CallOptions } from "../../incident/gateway.ts";
import type { LookMemory, WebhookState } from "../../incident/watch.ts";
import type { WatchPorts } from "./ports.ts";
import type { Found } from "./told.ts";

/** One look at one agent, as each of its reads sees it. Times are Redis's. */
export interface Look {
  ports: WatchPorts;
  agentId: string;
  now: number;
  watchedSince: number;
  memory: LookMemory;
  webhooks: WebhookState | null;
  options: CallOptions;
}

/** What one read found, and what is to be remembered once its events are accepted. */
export interface Reading {
  found: readonly Found[];
  remember: Partial<LookMemory>;
  /** Of the list of escrows only. */
  told?: readonly { id: string; createdAt: number | undefined }[];
  forgotten?: readonly string[];
  /** Part of it could not be read. */
  flaw?: TourniquetError;
}

export const nothing: Reading = { found: [], remember: {} };

/** One thing polled of an agent. Throws what the gateway's adapter throws; not-found where this gateway does not show it. */
export interface Read {
  name: string;
  /** Made at every look, or at every tenth one and at least every five minutes. */
  pace: "every-look" | "slow";
  /** While an incident holds the agent its hold reads this, every 10 s (C3). */
  isHolds: boolean;
  /** Requests it takes. */
  calls(memory: LookMemory): number;
  /** CallBudget: left out while fewer calls than this share are saved up. */
  floor: number;
  read(look: Look): Promise<Reading>;
}

export const firstMemory: LookMemory = {
  looks: 0,
  band: "ok",
  bandChanges: 0,
  transactionsUntil: null,
  transactionsNear: [],
  balance: null,
  score: null,
  identity: null,
  slowAt: 0,
  slowLook: 0,
  escrowCalls: 2,
  failed: {},
  leftOut: {},
  awaited: [],
};
