import { type Checkpoint, type Ledgers, linkHash } from "../incident/ledger.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

/** redis/ledger.lua: the same minute. */
const SIGNED_WITHIN_MS = 50_000;
/** Lines hashed in one go. */
const CHUNK = 1_000;

/** Lines are appended by the scripts that record something (redis/ledger.lua); what makes a chain of them is here. */
export function createLedgers(redis: RedisConnection): Ledgers {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const keysOf = (incidentId: string) => {
    const partition = partitionOfId(incidentId);
    const part = (name: "hashes" | "texts" | "checkpoints") => keys.ledgerPart(partition, incidentId, name);
    return { partition, lines: keys.ledger(partition, incidentId), part };
  };

  return {
    async read(incidentId) {
      const { partition, lines, part } = keysOf(incidentId);
      const asked = redis
        .multi()
        .lrange(lines, 0, -1)
        .lrange(part("hashes"), 0, -1)
        .lrange(part("checkpoints"), 0, -1)
        .hgetall(part("texts"))
        .hgetall(keys.evidence(partition, incidentId));
      const replies = ((await reading(asked.exec())) ?? []).map(([, reply]) => reply);
      const [found, hashes, checkpoints, texts, evidence] = replies as [
        string[],
        string[],
        string[],
        Record<string, string>,
        Record<string, string>,
      ];
      return { lines: found, hashes, checkpoints: checkpoints.map((text) => JSON.parse(text)), texts, evidence };
    },

    async seal(incidentId) {
      const { lines, part } = keysOf(incidentId);
      for (;;) {
        const [sealed, last] = await reading(
          Promise.all([redis.llen(part("hashes")), redis.lindex(part("hashes"), -1)]),
        );
        const fresh = await reading(redis.lrange(lines, sealed, sealed + CHUNK - 1));
        if (fresh.length === 0) return { seq: sealed, head: last ?? incidentId };
        await runScript(redis, "sealLedger", tagKey(partitionOfId(incidentId)), [
          incidentId,
          sealed,
          ...chained(last ?? incidentId, fresh),
        ]);
      }
    },

    async lastCheckpoint(incidentId) {
      const text = await reading(redis.lindex(keysOf(incidentId).part("checkpoints"), -1));
      return text === null ? null : (JSON.parse(text) as Checkpoint);
    },

    async keepCheckpoint(checkpoint) {
      const { incident, seq, head } = checkpoint;
      const args = [incident, seq, head, jsonText(checkpoint), SIGNED_WITHIN_MS];
      return (await runScript<number>(redis, "keepCheckpoint", tagKey(partitionOfId(incident)), args)) === 1;
    },

    async giveUp(incidentId) {
      await reading(redis.zrem(keys.unsigned(partitionOfId(incidentId)), incidentId));
    },

    async unsigned(partition, limit) {
      const found = await reading(redis.zrange(keys.unsigned(partition), "0", String(limit - 1), "WITHSCORES"));
      return pairs(found).map(([incidentId, dueAt]) => ({ incidentId, dueAt: Number(dueAt) }));
    },

    async ownKey(offered) {
      await reading(redis.hsetnx(keys.ledgerKeys(), "private", offered));
      return (await reading(redis.hget(keys.ledgerKeys(), "private"))) ?? offered;
    },

    async rememberPublicKey(keyId, pem) {
      await reading(redis.hsetnx(keys.ledgerKeys(), keyId, pem));
    },

    async publicKeys() {
      const { private: _, ...found } = await reading(redis.hgetall(keys.ledgerKeys()));
      return found;
    },
  };
}

function chained(before: string, lines: readonly string[]): string[] {
  let previous = before;
  return lines.map((line) => {
    previous = linkHash(previous, line);
    return previous;
  });
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]);
}
