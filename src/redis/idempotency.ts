import { randomUUID } from "node:crypto";
import type { ClaimedOrder, IdempotencyKeys } from "../incident/idempotency.ts";
import { sha256 } from "../incident/ledger.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { fleetTag } from "./keys.ts";

const KEPT_MS = 86_400_000;
/** Longer than any change takes: requests are cut after 8 s (http/listen.ts). Whoever was not heard of for so long has died. */
const IN_HAND_MS = 60_000;
/** Longer than three commands that each take their time (clients.ts): claimed, written into the audit trail, begun. */
const CLAIMED_MS = 10_000;

type Stood =
  | ["go" | "in-hand" | "outcome-unknown" | "another-request"]
  /** With its reply. */
  | ["done", string];

export function createIdempotencyKeys(redis: RedisConnection): IdempotencyKeys {
  const run = <T>(script: string, args: readonly (string | number)[]) => runScript<T>(redis, script, fleetTag(), args);
  const orderOf = (digest: string, owner: string): ClaimedOrder => {
    const move = async (state: "begun" | "done" | "cut-off" | "free", reply = "") =>
      (await run<number>("moveOrder", [digest, owner, state, KEPT_MS, reply])) === 1;
    return {
      begin: () => move("begun"),
      keep: async (reply) => void (await move("done", reply)),
      release: async () => void (await move("free")),
      cutOff: async () => void (await move("cut-off")),
    };
  };
  return {
    async claim(whose, request) {
      const [digest, owner] = [sha256(whose), randomUUID()];
      const order = orderOf(digest, owner);
      const times = [CLAIMED_MS, KEPT_MS - IN_HAND_MS];
      let stood: Stood;
      try {
        stood = await run<Stood>("claimOrder", [digest, sha256(request), owner, ...times]);
      } catch (error) {
        // A Redis that was frozen takes up what it was sent before it; what is sent behind it takes the claim back.
        order.release().catch(() => undefined);
        throw error;
      }
      if (stood[0] === "done") return { answer: "done", reply: stood[1] };
      return stood[0] === "go" ? { answer: "go", order } : { answer: stood[0] };
    },
  };
}
