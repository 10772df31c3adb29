import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { environmentWith } from "../config.ts";
import { TourniquetError } from "../errors.ts";
import { EXIT } from "../process.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 13_000;

export interface Started {
  url: string | undefined;
  /** Of people, where it is another (ADMIN_PORT). */
  adminUrl: string | undefined;
}

/** Commands of ours as child processes of one group: they end with us, whatever ends us (IPC closes, they leave). */
export interface ProcessFleet {
  /** Resolves when it says it is ready. Throws with the end of its log if it ends first. */
  start(args: readonly string[], environment: Record<string, string>): Promise<Started>;
  /** Hears of a child that ended by itself. */
  onLost(heard: (args: readonly string[]) => void): void;
  /** Asks every child that holds settings to read them again. */
  reload(): void;
  stop(): Promise<void>;
}

/** What has no settings has no use for SIGHUP, and would die of it. */
const withoutSettings = ["sandbox"];

export function createProcessFleet(logFile: string): ProcessFleet {
  const log = createWriteStream(logFile);
  const children = new Map<ChildProcess, readonly string[]>();
  let stopping = false;
  let lost: (args: readonly string[]) => void = () => undefined;
  return {
    async start(args, environment) {
      const child = spawn(process.execPath, [main, ...args], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: environmentWith(environment),
      });
      children.set(child, args);
      const tail = keepTail(child, log);
      let isReady = false;
      child.on("exit", () => {
        children.delete(child);
        if (!stopping && isReady) lost(args);
      });
      const started = await ready(child, args, tail);
      isReady = true;
      return started;
    },
    onLost(heard) {
      lost = heard;
    },
    reload() {
      for (const [child, [command = ""]] of children) if (!withoutSettings.includes(command)) child.kill("SIGHUP");
    },
    async stop() {
      stopping = true;
      await Promise.all([...children.keys()].map(end));
      log.end();
    },
  };
}

function keepTail(child: ChildProcess, log: WriteStream): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString("utf8")).slice(-2_000);
    });
  }
  return () => tail;
}

function ready(child: ChildProcess, args: readonly string[], tail: () => string): Promise<Started> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new TourniquetError("internal", `tourniquet ${args.join(" ")} ${why}:\n${tail()}`));
    const late = setTimeout(() => fail(`is not ready after ${START_WITHIN_MS / 1000} s`), START_WITHIN_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(late);
      const said = saidItself(tail());
      if (code === EXIT.wrong && said !== null) reject(new TourniquetError("config-invalid", said));
      else fail(`ended at once (${signal ?? code})`);
    });
    child.on("message", (message: { ready?: boolean; url?: string; adminUrl?: string }) => {
      if (!message.ready) return;
      clearTimeout(late);
      resolve({ url: message.url, adminUrl: message.adminUrl });
    });
  });
}

/** What it wrote of its own end, in words for people (reportAndExit). */
function saidItself(tail: string): string | null {
  const at = tail.lastIndexOf("\ntourniquet: ");
  if (at < 0 && !tail.startsWith("tourniquet: ")) return null;
  return tail.slice(Math.max(at + 1, 0) + "tourniquet: ".length).trimEnd();
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(hard);
}
