import { pino } from "pino";
import type { Log } from "./incident/ports.ts";

/**
 * Whatever looks like a secret never reaches the stream, however it got into a field or a stack (guarantees.md section 7). It is
 * looked for in the JSON as written: no word begins after an escaped line break there, and an escaped character (the first
 * alternative, kept as it is) must not lose its digits.
 */
const SECRETS =
  /\\u[0-9a-f]{4}|Bearer(?:\s|\\[nrt])+[^\s"\\]+|whsec_[^\s"\\]+|a2a_[a-z]+_[0-9a-f]{24}|tqt_[\w-]{20,}|tourniquet=[\w-]{43}|[0-9a-f]{64,}/gi;
const withoutSecrets = (line: string) =>
  line.replace(SECRETS, (found) => (found.startsWith("\\u") ? found : "[secret]"));

export type Level = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

let opened: ReturnType<typeof pino.destination> | undefined;

/** One for the process, however many logs it has. Written beside the work, not in its way; what is left goes out before the process does. */
function standardError(): ReturnType<typeof pino.destination> {
  if (opened) return opened;
  const destination = pino.destination({ dest: 2, sync: false });
  process.once("exit", () => destination.flushSync());
  opened = destination;
  return destination;
}

/** One JSON object a line on standard error: standard output belongs to what a command answers. traceId: of what is traced just now. */
export function createLog(level: Level, name: string, traceId?: () => string | undefined): Log {
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      ...(traceId && { mixin: () => ({ traceId: traceId() }) }),
      hooks: { streamWrite: withoutSecrets },
    },
    standardError(),
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
