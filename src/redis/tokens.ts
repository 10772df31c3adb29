import { createHash, randomBytes } from "node:crypto";
import type { PersonalToken, PersonalTokens, Role } from "../incident/credentials.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";

/** tqt_ and 256 random bits in base64url. */
const SECRET = /^tqt_[A-Za-z0-9_-]{43}$/;

export function createPersonalTokens(redis: RedisConnection): PersonalTokens {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async create({ name, role, createdBy, expiresAt }) {
      const secret = `tqt_${randomBytes(32).toString("base64url")}`;
      const digest = digestOf(secret);
      const id = `tok-${digest.slice(0, 12)}`;
      const fields = [name, role, createdBy, expiresAt ?? ""];
      const createdAt = await runScript<number>(redis, "createToken", fleetTag(), [digest, id, ...fields]);
      return { secret, token: { id, name, role, createdBy, expiresAt, createdAt, lastUsedOn: null } };
    },
    async find(secret) {
      if (!SECRET.test(secret)) return null;
      const found = await runScript<string[]>(redis, "findToken", fleetTag(), [digestOf(secret)]);
      if (found.length === 0) return null;
      return found[0] === "expired" ? "expired" : readToken(record(found));
    },
    async list() {
      const digests = Object.values(await reading(redis.hgetall(keys.tokens())));
      const found = await Promise.all(digests.map((digest) => reading(redis.hgetall(keys.token(digest)))));
      const there = found.filter(({ id }) => id !== undefined);
      return there.map(readToken).sort((a, b) => a.createdAt - b.createdAt);
    },
    async revoke(id) {
      const found = await runScript<string[]>(redis, "revokeToken", fleetTag(), [id]);
      return found.length === 0 ? null : readToken(record(found));
    },
    exist: async () => (await reading(redis.exists(keys.tokens()))) === 1,
  };
}

const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

function record(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]),
  );
}

function readToken(found: Readonly<Record<string, string>>): PersonalToken {
  return {
    id: found.id!,
    name: found.name!,
    role: found.role as Role,
    createdBy: found.createdBy!,
    createdAt: Number(found.createdAt),
    expiresAt: found.expiresAt ? Number(found.expiresAt) : null,
    lastUsedOn:
      found.usedDay === undefined ? null : new Date(Number(found.usedDay) * 86_400_000).toISOString().slice(0, 10),
  };
}
