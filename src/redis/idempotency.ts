import type { IdempotencyKeys } from "../incident/idempotency.ts";
import { sha256 } from "../incident/ledger.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

const KEPT_MS = 86_400_000;
/** Longer than any change takes: requests are cut after 8 s (http/listen.ts). */
const IN_HAND_MS = 60_000;

interface Kept {
  /** Digest of what was asked. */
  request: string;
  reply: string | null;
}

export function createIdempotencyKeys(redis: RedisConnection): IdempotencyKeys {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const keyOf = (whose: string) => keys.idempotency(sha256(whose));
  return {
    async claim(whose, request) {
      const own: Kept = { request: sha256(request), reply: null };
      // One command: with NX and GET it answers what stands, or nothing where it was set.
      const stood = await reading(redis.set(keyOf(whose), JSON.stringify(own), "PX", IN_HAND_MS, "NX", "GET"));
      if (stood === null) return { answer: "go" };
      const kept = JSON.parse(stood) as Kept;
      if (kept.request !== own.request) return { answer: "another-request" };
      return kept.reply === null ? { answer: "in-hand" } : { answer: "done", reply: kept.reply };
    },
    async keep(whose, request, reply) {
      await reading(
        redis.set(keyOf(whose), JSON.stringify({ request: sha256(request), reply } satisfies Kept), "PX", KEPT_MS),
      );
    },
    async release(whose) {
      await reading(redis.del(keyOf(whose)));
    },
  };
}
