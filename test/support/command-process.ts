import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** Many processes start here, and most of a start is reading our own sources: once is enough. */
const compiled = join(tmpdir(), "tourniquet-compiled");
const READY_WITHIN_MS = 45_000;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One process of ours, run as an operator would; it ends with the process of the test. */
export interface CommandProcess {
  readonly pid: number;
  /** What it said when it was ready; "" where it serves nothing. */
  readonly url: string;
  readonly ended: Promise<Ended>;
  /** Resolves with its next message over IPC. */
  message(): Promise<unknown>;
  send(message: Record<string, unknown>): void;
  signal(signal: NodeJS.Signals): void;
  /** Everything it printed so far, both streams. */
  output(): string;
  /** -9: nothing that matters may live in a process. */
  kill(): Promise<void>;
}

export const startCommand = (args: readonly string[], environment: Record<string, string>): Promise<CommandProcess> =>
  startScript(main, args, environment);

/** Resolves when the process says it is ready; rejects with what it printed if it ends first. */
export async function startScript(
  file: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<CommandProcess> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { PATH, HOME, NODE_COMPILE_CACHE: compiled, ...environment },
  });
  const output = collect(child);
  const ended = once(child, "exit").then(([code, signal]): Ended => ({ code, signal }));
  const url = await ready(child, ended, () => `${args.join(" ")}:\n${output()}`);
  return {
    pid: child.pid!,
    url,
    ended,
    message: async () => (await once(child, "message"))[0],
    send: (message) => void child.send(message),
    signal: (signal) => void child.kill(signal),
    output,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  return () => output;
}

async function ready(child: ChildProcess, ended: Promise<Ended>, about: () => string): Promise<string> {
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  const said = once(child, "message", { signal: late }).then(([message]) => message as { ready?: true; url?: string });
  const first = await Promise.race([said, ended]).catch(() => null);
  if (first && "ready" in first) return first.url ?? "";
  child.kill("SIGKILL");
  throw new Error(first ? `ended at once ${about()}` : `not ready within ${READY_WITHIN_MS} ms ${about()}`);
}
