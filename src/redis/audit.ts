import type { Redis } from "ioredis";
import {
  AUDIT_ROOT,
  type AuditedChange,
  type AuditLine,
  type AuditTrail,
  auditHash,
  type Change,
  type Outcome,
} from "../incident/audit.ts";
import { redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";

/** Each loses only to a line that got in before it, so this many in a row are a Redis that answers nonsense. */
const MOST_TRIES = 100;
const CHUNK = 200;

/**
 * The fleet's one chain. A line's hash needs the one before it: it is computed here from the head that was read, and appended
 * only while that head stands (scripts/append-audit.lua); else again from the new head.
 */
export function createAuditTrail(redis: Redis): AuditTrail {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const range = async (from: number, to: number): Promise<AuditLine[]> =>
    (await reading(redis.lrange(keys.audit(), from, to))).map((line) => JSON.parse(line) as AuditLine);

  async function append(entry: AuditLine["entry"]): Promise<number> {
    let [count, now, last] = await runScript<AppendReply>(redis, "appendAudit", fleetTag(), ["", "", ""]);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const previous = last === "" ? AUDIT_ROOT : (JSON.parse(last) as AuditLine).hash;
      const line = { number: count + 1, at: now, entry };
      const text = JSON.stringify({ ...line, hash: auditHash(previous, line) });
      const ends = "ends" in entry ? entry.ends : "";
      const [stands, later, head, done] = await runScript<AppendReply>(redis, "appendAudit", fleetTag(), [
        count,
        text,
        ends,
      ]);
      if (done === 1) return line.number;
      [count, now, last] = [stands, later, head];
    }
    throw redisError(new Error("the audit trail could not be appended to"));
  }

  return {
    begin: (change: Change) => append({ begins: change }),
    end: async (number: number, outcome: Outcome) => void (await append({ ends: number, outcome })),
    async list(limit, before) {
      const found: AuditLine[] = [];
      let to = before === undefined ? (await reading(redis.llen(keys.audit()))) - 1 : before - 2;
      for (; to >= 0 && found.length < limit; to -= CHUNK) {
        const lines = await range(Math.max(0, to - CHUNK + 1), to);
        found.push(...lines.reverse().filter(({ entry }) => "begins" in entry));
      }
      return withOutcomes(found.slice(0, limit));
    },
    lines: (from, limit) => range(from - 1, from + limit - 2),
  };

  async function withOutcomes(begun: readonly AuditLine[]): Promise<AuditedChange[]> {
    if (begun.length === 0) return [];
    const numbers = await reading(redis.hmget(keys.auditEnds(), ...begun.map(({ number }) => String(number))));
    return Promise.all(
      begun.map(async ({ number, at, entry }, index) => {
        const ended = numbers[index];
        const [end] = ended ? await range(Number(ended) - 1, Number(ended) - 1) : [];
        const outcome =
          end && "ends" in end.entry && end.entry.ends === number ? { ...end.entry.outcome, at: end.at } : null;
        return { ...(entry as { begins: Change }).begins, number, at, outcome };
      }),
    );
  }
}

/** How many lines there are, Redis time in milliseconds, the last line or "", and 1 where ours was appended. */
type AppendReply = [count: number, now: number, last: string, appended: 0 | 1];
