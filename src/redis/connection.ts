import { readdirSync, readFileSync } from "node:fs";
import { TourniquetError } from "../errors.ts";
import { spans } from "../incident/measures.ts";
import { readRedisAddress } from "../settings/redis-address.ts";
import { type ConnectionKind, openClient, type RedisConnection } from "./clients.ts";

/** Without it a script's name could hide a method of the client's own. */
const PREFIX = "tourniquet:";

export type { ConnectionKind, RedisConnection } from "./clients.ts";

/**
 * Opens a connection with our scripts on it, in any form that REDIS_URL may have. onError hears every connection error; ioredis
 * would throw without a listener. Throws config-invalid.
 */
export function connectRedis(url: string, kind: ConnectionKind, onError: (error: Error) => void): RedisConnection {
  const address = readRedisAddress(url);
  if (address.kind === "mistake") throw new TourniquetError("config-invalid", `REDIS_URL ${address.message}`);
  const redis = openClient(address, kind);
  redis.on("error", onError);
  // Of one node of a Cluster.
  redis.on("node error", onError);
  for (const [name, lua] of readScripts()) redis.defineCommand(`${PREFIX}${name}`, { lua });
  return redis;
}

/**
 * scripts/open-incident.lua is run as openIncident. Every script takes the partition's tag as its only key, and gets in front of
 * it, in this order, each of those files that it calls a function of.
 */
const escalated = "takeOn|isInHand|escalateAs|beginEscalation";
const repeated = "callGoes|callCame|callAnswered|recordNote|tellRuns|worked";
const fronts: readonly (readonly [string, RegExp])[] = [
  ["changes.lua", calls("changed")],
  ["ledger.lua", calls(`record|chain|${escalated}|${repeated}`)],
  ["escalation.lua", calls(escalated)],
  ["repeats.lua", calls(repeated)],
  ["recovery.lua", calls("keepsCapsLow")],
  ["snapshot.lua", calls("snapshotOf|keepSaid")],
  ["measures.lua", calls("measure|observe|setIncident|countEscrow|countClosed")],
];

function calls(functions: string): RegExp {
  return new RegExp(`\\b(?:${functions})\\(`);
}

function readScripts(): Map<string, string> {
  const folder = new URL("./scripts/", import.meta.url);
  const read = (file: string, from: URL | string) => readFileSync(new URL(file, from), "utf8");
  const front = fronts.map(([file, called]) => ({
    text: (file === "measures.lua" ? boundsInLua() : "") + read(file, import.meta.url),
    called,
  }));
  const files = readdirSync(folder).filter((file) => file.endsWith(".lua"));
  return new Map(
    files.map((file) => {
      const script = read(file, folder);
      const needed = front.filter(({ called }) => called.test(script)).map(({ text }) => text);
      return [commandName(file), [...needed, script].join("\n")];
    }),
  );
}

/** The bounds of spans, as measures.lua knows them. */
function boundsInLua(): string {
  const rows = Object.entries(spans).map(([span, bounds]) => `${span} = { ${bounds.join(", ")} }`);
  return `local BOUNDS = { ${rows.join(", ")} }\n`;
}

function commandName(file: string): string {
  return file.replace(/\.lua$/, "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Runs one of our scripts on a partition's slot. Throws TourniquetError redis-unavailable or redis-full. */
export async function runScript<T>(
  redis: RedisConnection,
  name: string,
  tag: string,
  args: readonly (string | number)[],
): Promise<T> {
  const command = (redis as unknown as Record<string, (...args: unknown[]) => Promise<T>>)[`${PREFIX}${name}`];
  if (!command) throw new TourniquetError("internal", `no script named ${name}`);
  try {
    return await command.call(redis, 1, tag, ...args);
  } catch (error) {
    throw redisError(error);
  }
}

/** What ioredis or Redis said, as one of our codes. A script's own mistake stays what it is. */
export function redisError(error: unknown): TourniquetError {
  if (error instanceof TourniquetError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // While a master is being replaced, also what a script meets with (then its message names the script).
  if (/READONLY|CLUSTERDOWN|MASTERDOWN|LOADING|UNBLOCKED|TRYAGAIN/.test(message))
    return new TourniquetError("redis-unavailable", `Redis is changing its master: ${message}`, {}, error);
  if (/^OOM|MISCONF|NOREPLICAS/.test(message))
    return new TourniquetError("redis-full", `Redis refuses writes: ${message}`, {}, error);
  if (/ERR|WRONGTYPE|user_script/.test(message)) return new TourniquetError("internal", message, {}, error);
  return new TourniquetError("redis-unavailable", `Redis does not answer: ${message}`, {}, error);
}
