/**
 * Makes a fresh machine ready: packages, and a Redis to start. Runs before `npm start`, before `npm test` and in the
 * launcher, on whatever Node the machine has (18 or newer), so it is plain JavaScript without packages.
 * Quiet where nothing is to do; one line for what it does; what npm or the package manager said only if it failed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** The Node the product runs on, whatever the machine's own is. */
export const nodeBinary = join(root, "node_modules", ".bin", "node");

const NODE_MAJOR = 24;
const stampFile = join(root, "node_modules", ".tourniquet-stamp");
const lockFile = join(root, ".tourniquet", "bootstrap.lock");
const LOCK_STALE_MS = 20 * 60_000;

/** What a person is told, without a stack: something outside this program has to be mended. */
export class BootstrapError extends Error {}

/** Installs packages if they are missing or not those of the lockfile. */
export function ensurePackages() {
  const wanted = fingerprint();
  const isCurrent = () => readText(stampFile) === wanted && fs.existsSync(nodeBinary);
  if (isCurrent()) return;
  underLock(() => {
    if (isCurrent()) return;
    if (!matchesLockfile()) installPackages();
    if (nodeMajor() !== NODE_MAJOR) installNode();
    linkLauncher();
    fs.writeFileSync(stampFile, wanted);
  });
}

/** Finds a Redis, or installs one. With `ownServer` REDIS_URL is not enough: tests start and flush their own. */
export function ensureRedis({ ownServer = false, env = process.env } = {}) {
  const isThere = () => onPath("redis-server", env) || onPath("valkey-server", env);
  if ((env.REDIS_URL && !ownServer) || isThere()) return;
  underLock(() => {
    if (isThere()) return;
    const manager = packageManagers.find(({ command }) => onPath(command, env));
    if (manager === undefined) throw new BootstrapError(redisAdvice("no package manager known here was found"));
    say(`Redis is missing: installing it with ${manager.command}.`);
    const failure = installRedis(manager, env, isThere);
    if (failure !== undefined)
      throw new BootstrapError(`${failure}\n${redisAdvice(`${manager.command} could not install it`)}`);
  });
}

/** In the order they are asked for; packages in the order they are tried. */
const packageManagers = [
  {
    command: "apt-get",
    before: ["update"],
    install: ["install", "-y", "--no-install-recommends"],
    packages: ["redis-server", "valkey-server"],
  },
  { command: "dnf", install: ["install", "-y"], packages: ["redis", "valkey"] },
  { command: "apk", install: ["add", "--no-cache"], packages: ["redis", "valkey"] },
  { command: "brew", install: ["install"], packages: ["redis", "valkey"] },
];

/** Returns what the package manager said last, or undefined if Redis is there now. */
function installRedis(manager, env, isThere) {
  const needsSudo = manager.command !== "brew" && process.getuid() !== 0;
  // -n: never ask for a password in the middle of a start; the advice says what to type instead.
  const prefix = needsSudo ? ["sudo", "-n"] : [];
  const run = (args) =>
    runCaptured([...prefix, manager.command, ...args], { ...env, DEBIAN_FRONTEND: "noninteractive" });
  if (manager.before) run(manager.before); // stale lists may still do; whether Redis arrives is what counts
  let failure;
  for (const name of manager.packages) {
    const result = run([...manager.install, name]);
    if (isThere()) return undefined;
    failure ??= result.output;
  }
  return failure;
}

function redisAdvice(reason) {
  return `Tourniquet needs Redis 7 or newer, and ${reason}.\nInstall redis-server (or valkey-server) so that it is on PATH, or set REDIS_URL to one that runs.`;
}

function installPackages() {
  const startedAt = Date.now();
  say("Installing packages (npm ci), which takes about a minute the first time.");
  // No package may run an install script except `node`, which brings the binary; older npm does not know allowScripts.
  const result = runNpm(["ci", "--ignore-scripts", "--include=dev"]);
  if (result.status !== 0) throw new BootstrapError(`${result.output}\nThe packages could not be installed (npm ci).`);
  installNode();
  say(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

function installNode() {
  const result = runNpm(["rebuild", "node"]);
  if (nodeMajor() === NODE_MAJOR) return;
  throw new BootstrapError(
    `${result.output}\nNode ${NODE_MAJOR} did not arrive in node_modules/.bin/node. If install scripts are switched off on this machine, allow this one:\n  npm rebuild node --ignore-scripts=false`,
  );
}

function nodeMajor() {
  const result = spawnSync(nodeBinary, ["--version"], { encoding: "utf8" });
  return Number(/^v(\d+)\./.exec(result.stdout ?? "")?.[1]);
}

/** `npx tourniquet` finds it there; npm does not link the bin of the package it stands in. */
function linkLauncher() {
  const link = join(root, "node_modules", ".bin", "tourniquet");
  fs.rmSync(link, { force: true });
  fs.symlinkSync(join("..", "..", "scripts", "tourniquet.mjs"), link);
}

/** Changes whenever node_modules has to be another one. */
function fingerprint() {
  const { dependencies, devDependencies, overrides } = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));
  return createHash("sha256")
    .update(fs.readFileSync(join(root, "package-lock.json")))
    .update(JSON.stringify([dependencies, devDependencies, overrides, process.platform, process.arch]))
    .digest("hex");
}

/** Whether somebody already installed exactly the lockfile: npm keeps a copy of what it installed, written last. */
function matchesLockfile() {
  const installed = readText(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  const there = JSON.parse(installed).packages;
  const wanted = Object.entries(JSON.parse(fs.readFileSync(join(root, "package-lock.json"), "utf8")).packages);
  return wanted.every(
    ([path, { integrity, optional }]) => path === "" || (there[path] ? there[path].integrity === integrity : optional),
  );
}

/** Without our own Node on PATH: npm is about to replace it. */
function runNpm(args) {
  const path = (process.env.PATH ?? "").split(delimiter).filter((dir) => !dir.startsWith(join(root, "node_modules")));
  const env = { ...process.env, PATH: path.join(delimiter) };
  return runCaptured(["npm", ...args, "--no-audit", "--no-fund", "--loglevel=warn"], env);
}

function runCaptured([command, ...args], env) {
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
function underLock(work) {
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

function onPath(command, env) {
  return (env.PATH ?? "").split(delimiter).some((dir) => dir !== "" && isExecutable(join(dir, command)));
}

function isExecutable(path) {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readText(path) {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** On stderr: stdout belongs to the command that comes next, which may print JSON. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

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

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1] ?? "")).href) {
  orExplain(() => {
    ensurePackages();
    ensureRedis();
  });
}
