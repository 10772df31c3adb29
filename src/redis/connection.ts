import { readdirSync, readFileSync } from "node:fs";
import { Redis, type RedisOptions } from "ioredis";
import { TourniquetError } from "../errors.ts";
import { spans } from "../incident/measures.ts";

/** Reconnects soon: the default strategy adds up to 20 s to an outage (guarantees.md, e10). */
const retrySoon = (times: number) => Math.min(100 * times, 1000);

/**
 * For whoever must answer a caller now: fails within commandTimeout whether Redis is dead or frozen, and resends nothing,
 * because a resent add can become two jobs (guarantees.md section 3).
 */
const producerOptions: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1500,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 2000,
  retryStrategy: (times) => Math.min(100 * times, 500),
};

/** For workers: waits out an outage. No commandTimeout: it would cut BullMQ's blocking read. */
const workerOptions: RedisOptions = { maxRetriesPerRequest: null, retryStrategy: retrySoon, connectTimeout: 2000 };

/** Without it a script's name could hide a method of the client's own. */
const PREFIX = "tourniquet:";

export type ConnectionKind = "producer" | "worker";

/** Opens a connection with our scripts on it. onError hears every connection error; ioredis would throw without a listener. */
export function connectRedis(url: string, kind: ConnectionKind, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, kind === "producer" ? producerOptions : workerOptions);
  redis.on("error", onError);
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
  ["measures.lua", calls("observe|setIncident|countEscrow|countClosed")],
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
  redis: Redis,
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
  if (/^OOM|MISCONF|NOREPLICAS/.test(message))
    return new TourniquetError("redis-full", `Redis refuses writes: ${message}`, {}, error);
  if (/ERR|WRONGTYPE|user_script/.test(message)) return new TourniquetError("internal", message, {}, error);
  return new TourniquetError("redis-unavailable", `Redis does not answer: ${message}`, {}, error);
}
