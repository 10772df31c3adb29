/** What the scripts need of a machine before there are packages: run a command, find one, tell a person, one at a time. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const lockFile = join(root, ".tourniquet", "bootstrap.lock");
const LOCK_STALE_MS = 20 * 60_000;

/** What a person is told, without a stack: something outside this program has to be mended. */
export class BootstrapError extends Error {}

/** Runs the work; a BootstrapError is told as it is and ends the process with 1. */
export function orExplain(work) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    say(error.message);
    process.exit(1);
  }
}

/** On stderr: stdout belongs to the command that comes next, which may print JSON. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Both streams as one text, in place of a stack when it could not even be started. */
export function runCaptured([command, ...args], env) {
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 26,
  });
  return {
    status: result.status,
    output: `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim(),
  };
}

/** One bootstrap at a time. A lock whose process is gone, or that is older than any install takes, is taken over. */
export function underLock(work) {
  fs.mkdirSync(join(root, ".tourniquet"), { recursive: true });
  for (let isTold = false; !takeLock(); isTold = true) {
    if (!isTold) say("Another process is getting this folder ready; waiting for it.");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  try {
    work();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

function takeLock() {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (isStale()) fs.rmSync(lockFile, { force: true });
    return false;
  }
}

function isStale() {
  try {
    const ageMs = Date.now() - fs.statSync(lockFile).mtimeMs;
    const holder = Number(fs.readFileSync(lockFile, "utf8"));
    if (holder === 0) return ageMs > 5_000; // created, its pid not yet written
    process.kill(holder, 0);
    return ageMs > LOCK_STALE_MS;
  } catch (error) {
    return error.code === "ESRCH"; // ENOENT: just released; EPERM: somebody else's process, alive
  }
}

/** The whole path of a command, or undefined. */
export function onPath(command, env) {
  const dirs = (env.PATH ?? "").split(delimiter).filter((dir) => dir !== "");
  return dirs.map((dir) => join(dir, command)).find(isExecutable);
}

export function isExecutable(path) {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
