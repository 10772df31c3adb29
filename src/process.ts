import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { describeError, TourniquetError } from "./errors.ts";
import { visibleLines } from "./incident/visible.ts";

/**
 * How every command and process ends (docs/cli.md): 0 done; 1 it failed, or what it looks for is not as it should be; 2 the command,
 * its input or the configuration is wrong, and trying again changes nothing.
 */
export const EXIT = { done: 0, failed: 1, wrong: 2 } as const;

/** Says in one paragraph what is wrong and how to mend it, and ends with a code that scripts can use. */
export function reportAndExit(error: unknown): never {
  const { code, message } = describeError(error);
  // A stack begins with the message.
  const isDefect = code === "internal" && error instanceof Error && error.stack !== undefined;
  process.stderr.write(`tourniquet: ${visibleLines(isDefect ? error.stack! : message)}\n`);
  process.exit(code === "config-invalid" || code === "input-invalid" ? EXIT.wrong : EXIT.failed);
}

const addressTroubles = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND", "EAI_AGAIN"];

/** An address that is taken, not ours or none is for whoever chose it to mend: in `settings`. Anything else comes back as it is. */
export function cannotListen(error: unknown, address: string, settings: string): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!addressTroubles.includes(code)) return error;
  return new TourniquetError("config-invalid", `cannot listen on ${address} (${code}): set ${settings} to a free one`);
}

/** Runs `stop` once on SIGTERM or SIGINT and exits; exits at once where the launcher that started us is gone. */
export function whenAskedToStop(stop: () => Promise<void>): void {
  let stopping = false;
  const begin = () => {
    if (stopping) return;
    stopping = true;
    const hardStop = setTimeout(() => process.exit(1), 12_000);
    hardStop.unref();
    void stop().then(
      () => process.exit(0),
      (error) => reportAndExit(error),
    );
  };
  process.on("SIGTERM", begin);
  process.on("SIGINT", begin);
  process.on("disconnect", () => process.exit(1));
}

/**
 * Runs `reload` on SIGHUP. A terminal that closes sends the same signal to whatever runs in it: then there is nobody left to
 * end this process, and it stops as on SIGTERM.
 */
export function whenAskedToReload(reload: () => void): void {
  const isInTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on("SIGHUP", () => {
    if (isInTerminal && !hasTerminal()) process.kill(process.pid, "SIGTERM");
    else reload();
  });
}

/** A process whose terminal was closed can open it no more. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** Tells whoever started us, over its IPC channel if it opened one, that work can begin. */
export function sayReady(facts: Readonly<Record<string, unknown>> = {}): void {
  process.send?.({ ready: true, ...facts });
}
