import { pino } from "pino";
import type { Log } from "./incident/ports.ts";

/** Whatever looks like a secret never reaches the stream, however it got into a field or a stack (guarantees.md section 7). */
const SECRETS = /Bearer\s+[^\s"\\]+|whsec_[^\s"\\]+|a2a_[a-z]+_[0-9a-f]{24}|\b[0-9a-f]{64}\b/g;

export type Level = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** One JSON object a line on standard error: standard output belongs to what a command answers. */
export function createLog(level: Level, name: string): Log {
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      hooks: { streamWrite: (line) => line.replace(SECRETS, "[secret]") },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Lets a line through at most once a second per key: a store that fails fails thousands of times a second (guarantees.md e6). */
export function oncePerSecond(write: (error: Error) => void): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - last < 1_000) return;
    last = now;
    write(error);
  };
}
