import { AUDIT_TRAIL, type AuditedChange, type AuditTrail, type Change, type Outcome } from "../incident/audit.ts";
import { canonicalJson, keptInLedger, type LedgerEntry } from "../incident/ledger.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

const PARTITION = partitionOfId(AUDIT_TRAIL);
const trail = keys.ledger(PARTITION, AUDIT_TRAIL);
const texts = keys.ledgerPart(PARTITION, AUDIT_TRAIL, "texts");
/** Entries read at once, from the end. */
const CHUNK = 200;

export function createAuditTrail(redis: RedisConnection): AuditTrail {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const append = (what: string, detail: object, ends: number | "") => {
    const text = canonicalJson(detail);
    const args = [AUDIT_TRAIL, what, text, keptInLedger(text), ends];
    return runScript<number>(redis, "audit", tagKey(PARTITION), args);
  };
  return {
    begin: (change) => append("change-begun", change, ""),
    end: async (number, outcome) => void (await append("change-ended", { number, ...outcome }, number)),
    async list(limit, before) {
      const found: LedgerEntry[] = [];
      let to = (before ?? (await reading(redis.llen(trail))) + 1) - 2;
      for (; to >= 0 && found.length < limit; to -= CHUNK) {
        const entries = (await reading(redis.lrange(trail, Math.max(0, to - CHUNK + 1), to))).map(entryOf);
        found.push(...entries.reverse().filter(({ what }) => what === "change-begun"));
      }
      return Promise.all(found.slice(0, limit).map(changeOf));
    },
  };

  async function changeOf(begun: LedgerEntry): Promise<AuditedChange> {
    const change = await detailOf<Change>(begun);
    return { ...change, number: begun.seq, at: begun.at, outcome: await outcomeOf(begun.seq) };
  }

  async function outcomeOf(number: number): Promise<AuditedChange["outcome"]> {
    const ended = await reading(redis.hget(keys.auditEnds(PARTITION), String(number)));
    const line = ended === null ? null : await reading(redis.lindex(trail, Number(ended) - 1));
    if (line === null) return null;
    const entry = entryOf(line);
    const { result, detail } = await detailOf<Outcome>(entry);
    return { result, detail, at: entry.at };
  }

  /** Where it was too long for a line, its text lies beside (ledger.lua). */
  async function detailOf<T>({ detail }: LedgerEntry): Promise<T> {
    const { sha256 } = detail as { sha256?: string };
    const text = sha256 === undefined ? null : await reading(redis.hget(texts, sha256));
    return (text === null ? detail : JSON.parse(text)) as T;
  }
}

const entryOf = (line: string): LedgerEntry => JSON.parse(line) as LedgerEntry;
