import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import { environmentWith } from "../../src/config.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** What a command says after three seconds without Redis: on a busy machine any of them may, and it is no answer. */
const SLOW = /^waiting for Redis at .*\n/gm;

export interface CommandRun {
  code: number;
  out: string;
  err: string;
}

/** Runs one command as a process of its own, on the database of this test process. */
export function runCommand(...args: readonly string[]): Promise<CommandRun> {
  const redisUrl = `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;
  return runCommandWith({ REDIS_URL: redisUrl, GREENHELIX_BASE_URL: "http://127.0.0.1:1", PARTITIONS: "1" }, ...args);
}

export async function runCommandWith(
  environment: Record<string, string>,
  ...args: readonly string[]
): Promise<CommandRun> {
  const env = environmentWith(environment);
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: code as number, out: out.trimEnd(), err: err.replaceAll(SLOW, "").trimEnd() };
}
