import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { TourniquetError } from "../errors.ts";

const READY_WITHIN_MS = 15_000;
const POLL_MS = 20;
const PORT_TRIES = 5;

/**
 * Redis runs under this shell, which reads stdin until it ends: the kernel closes that pipe however our process dies,
 * -9 included, and then Redis is stopped (SIGCONT first matters to one that was paused; SIGKILL if 5 s were not enough).
 * The first line on stdout is the pid of Redis itself.
 */
const GUARD = `
bin=$(command -v redis-server || command -v valkey-server) || exit 127
exec 3<&0
"$bin" "$@" 3<&- >/dev/null 2>&1 &
redis=$!
echo "$redis"
( cat <&3; kill -TERM "$redis"; kill -CONT "$redis"; sleep 5; kill -KILL "$redis" ) >/dev/null 2>&1 &
guard=$!
exec 3<&- >&-
wait "$redis"
status=$?
kill "$guard"
exit "$status"
`;

export interface EmbeddedRedis {
  url: string;
  port: number;
  /** Of Redis, not of the shell around it. */
  pid: number;
  /** Resolves when Redis has ended, whoever ended it. */
  ended: Promise<void>;
  /** Asks Redis to shut down and resolves when it has. A second call is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis of our own on the loopback address, every write on disk before it is answered, and resolves when it
 * answers PING. It ends with this process. Without `port` a free one is taken. Throws `redis-unavailable`.
 */
export async function startEmbeddedRedis(options: {
  dir: string;
  port?: number;
  extraArgs?: readonly string[];
}): Promise<EmbeddedRedis> {
  await mkdir(options.dir, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options.dir, options.port ?? (await freePort()), options.extraArgs ?? []);
    } catch (error) {
      // Between finding a free port and binding it somebody else may have taken it.
      if (options.port !== undefined || attempt === PORT_TRIES) throw error;
    }
  }
}

async function startOnce(dir: string, port: number, extraArgs: readonly string[]): Promise<EmbeddedRedis> {
  const logFile = join(dir, "redis.log");
  const args = [
    ...["--port", String(port), "--bind", "127.0.0.1", "--protected-mode", "yes", "--daemonize", "no"],
    ...["--dir", dir, "--logfile", logFile, "--save", "", "--appendonly", "yes", "--appendfsync", "always"],
    ...["--maxmemory-policy", "noeviction", ...extraArgs],
  ];
  // A session of its own: Ctrl-C in a terminal must reach us, not Redis, which is needed until the drain is done.
  const shell = spawn("sh", ["-c", GUARD, "redis-guard", ...args], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  const ended = once(shell, "exit").then(() => undefined);
  const stop = async () => {
    shell.stdin?.end();
    await ended;
  };
  try {
    const pid = await readPid(shell);
    await answersPing({ port, pid }, shell, logFile);
    return { url: `redis://127.0.0.1:${port}`, port, pid, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readPid(shell: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: shell.stdout! })) return Number(line);
  throw new TourniquetError(
    "redis-unavailable",
    "neither redis-server nor valkey-server is on PATH; install one, or set REDIS_URL",
  );
}

async function answersPing(redis: { port: number; pid: number }, shell: ChildProcess, logFile: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await ping(redis.port, redis.pid))) {
    const hasEnded = shell.exitCode !== null || shell.signalCode !== null;
    if (hasEnded || performance.now() > deadline) {
      const log = await readFile(logFile, "utf8").catch(() => "");
      const state = hasEnded ? "ended while starting" : `did not answer PING within ${READY_WITHIN_MS} ms`;
      throw new TourniquetError("redis-unavailable", `Redis ${state}; its log is ${logFile}`, {
        lastLines: log.trim().split("\n").slice(-5),
      });
    }
    await delay(POLL_MS);
  }
}

/**
 * One PING over a bare socket: "-LOADING" while the append-only file is read back counts as not yet. Whoever else may
 * answer on that port is told apart by its pid.
 */
function ping(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    let reply = "";
    const answer = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.on("error", () => answer(false));
    socket.on("connect", () => socket.write("PING\r\nINFO server\r\n"));
    socket.on("data", (chunk) => {
      reply += chunk;
      const answeredBy = /process_id:(\d+)\r/.exec(reply)?.[1];
      if (reply.startsWith("-")) answer(false);
      else if (answeredBy !== undefined) answer(reply.startsWith("+PONG") && Number(answeredBy) === pid);
    });
    socket.on("close", () => answer(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string")
    throw new TourniquetError("redis-unavailable", "no free port was found");
  return address.port;
}
