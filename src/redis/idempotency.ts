import type { IdempotencyKeys } from "../incident/idempotency.ts";
import { sha256 } from "../incident/ledger.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

const KEPT_MS = 86_400_000;
/** Longer than any change takes: requests are cut after 8 s (http/listen.ts). Whoever was not heard of for so long has died. */
const IN_HAND_MS = 60_000;

interface Kept {
  /** Digest of what was asked. */
  request: string;
  reply: string | null;
}

export function createIdempotencyKeys(redis: RedisConnection): IdempotencyKeys {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const keyOf = (whose: string) => keys.idempotency(sha256(whose));
  const keep = async (whose: string, request: string, reply: string | null, ttlMs: number) => {
    const kept: Kept = { request: sha256(request), reply };
    await reading(redis.set(keyOf(whose), JSON.stringify(kept), "PX", ttlMs));
  };
  return {
    async claim(whose, request) {
      const own: Kept = { request: sha256(request), reply: null };
      // One command: with NX and GET it answers what stands, or nothing where it was set.
      const stood = await reading(redis.set(keyOf(whose), JSON.stringify(own), "PX", KEPT_MS, "NX", "GET"));
      if (stood === null) return { answer: "go" };
      const kept = JSON.parse(stood) as Kept;
      if (kept.request !== own.request) return { answer: "another-request" };
      if (kept.reply !== null) return { answer: "done", reply: kept.reply };
      // How long it is in hand is what it has lost of its time: no clock but that of Redis.
      const leftMs = await reading(redis.pttl(keyOf(whose)));
      return { answer: leftMs > KEPT_MS - IN_HAND_MS ? "in-hand" : "outcome-unknown" };
    },
    keep: (whose, request, reply) => keep(whose, request, reply, KEPT_MS),
    cutOff: (whose, request) => keep(whose, request, null, KEPT_MS - IN_HAND_MS),
    async release(whose) {
      await reading(redis.del(keyOf(whose)));
    },
  };
}
