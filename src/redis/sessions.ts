import { createHash } from "node:crypto";
import type { LoggedInWith, Role, Session, Sessions } from "../incident/credentials.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";

export interface SessionLimits {
  idleMs: number;
  maxMs: number;
  /** Use is written down at most this often. */
  writeEveryMs: number;
}

/** guarantees.md section 7. Use is not written at every request, so a session ends up to a minute before it was idle for 15. */
const limits: SessionLimits = { idleMs: 15 * 60_000, maxMs: 8 * 3_600_000, writeEveryMs: 60_000 };

export function createSessions(
  redis: RedisConnection,
  { idleMs, maxMs, writeEveryMs }: SessionLimits = limits,
): Sessions {
  return {
    async begin(secret, session) {
      const digest = digestOf(secret);
      const args = [digest, idleMs, maxMs, ...written(session)];
      const beganAt = await runScript<number>(redis, "beginSession", fleetTag(), args);
      const endsAt = beganAt + maxMs;
      return { ...session, id: idOf(digest), ageMs: 0, endsAt, idleUntil: Math.min(beganAt + idleMs, endsAt) };
    },
    async use(secret) {
      const digest = digestOf(secret);
      const found = await runScript<string[]>(redis, "useSession", fleetTag(), [digest, idleMs, writeEveryMs]);
      return found.length === 0 ? null : readSession(digest, found);
    },
    async end(secret) {
      await redis.del(keys.session(digestOf(secret))).catch((error) => Promise.reject(redisError(error)));
    },
  };
}

const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const idOf = (digest: string): string => `ses-${digest.slice(0, 12)}`;

function written({ role, name, with: proof }: Pick<Session, "role" | "name" | "with">): string[] {
  const own = proof.kind === "token" ? ["token", proof.id] : ["variable", proof.id, "proof", proof.proof];
  return ["role", role, ...(name === null ? [] : ["name", name]), ...own];
}

function readSession(digest: string, flat: readonly string[]): Session {
  const found: Record<string, string | undefined> = {};
  for (let index = 0; index < flat.length; index += 2) found[flat[index]!] = flat[index + 1];
  const proof: LoggedInWith =
    found.token === undefined
      ? { kind: "environment", id: found.variable ?? "", proof: found.proof ?? "" }
      : { kind: "token", id: found.token };
  return {
    id: idOf(digest),
    role: found.role as Role,
    name: found.name ?? null,
    with: proof,
    ageMs: Number(found.ageMs),
    idleUntil: Number(found.idleUntil),
    endsAt: Number(found.endsAt),
  };
}
