/**
 * Makes a fresh machine ready: packages, and a Redis to start. Runs before `npm start`, before `npm test` and in the
 * launcher, on whatever Node the machine has (18 or newer), so it is plain JavaScript without packages.
 * Quiet where nothing is to do; one line for what it does; what npm or the package manager said only if it failed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BootstrapError, orExplain, root, runCaptured, say, underLock } from "./machine.mjs";
import { ensureRedis } from "./programs.mjs";

/** The Node the product runs on, whatever the machine's own is. */
export const nodeBinary = join(root, "node_modules", ".bin", "node");

const NODE_MAJOR = 24;
const stampFile = join(root, "node_modules", ".tourniquet-stamp");

/**
 * Installs packages if they are missing or not those of the lockfile. withDev false: those of a deployment (npm ci --omit=dev)
 * are enough, and are left as they are.
 */
export function ensurePackages({ withDev = true } = {}) {
  const wanted = fingerprint();
  const isDeployed = () => !withDev && matchesLockfile({ withDev });
  const isCurrent = () => fs.existsSync(nodeBinary) && (readText(stampFile) === wanted || isDeployed());
  if (isCurrent()) return;
  underLock(() => {
    if (isCurrent()) return;
    if (!matchesLockfile() && !isDeployed()) installPackages();
    if (nodeMajor() !== NODE_MAJOR) installNode();
    linkLauncher();
    if (matchesLockfile() || !isDeployed()) fs.writeFileSync(stampFile, wanted);
  });
}

function installPackages() {
  refuseBorrowed();
  const startedAt = Date.now();
  say("Installing packages (npm ci), which takes about a minute the first time.");
  // No package may run an install script except `node`, which brings the binary; older npm does not know allowScripts.
  // .npmrc is for whoever chooses a release: what is in the lockfile was chosen, however young it is.
  const result = runNpm(["ci", "--ignore-scripts", "--include=dev", "--min-release-age=0"]);
  if (result.status !== 0) throw new BootstrapError(`${result.output}\nThe packages could not be installed (npm ci).`);
  installNode();
  say(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** npm empties node_modules before it fills it: through a link that would be somebody else's. */
function refuseBorrowed() {
  const isLink = fs.lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink();
  if (!isLink) return;
  throw new BootstrapError(
    "node_modules is a link to another folder, whose packages are not those of this lockfile: remove the link, and this folder gets packages of its own.",
  );
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
function matchesLockfile({ withDev } = { withDev: true }) {
  const installed = readText(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  const there = JSON.parse(installed).packages;
  const wanted = Object.entries(JSON.parse(fs.readFileSync(join(root, "package-lock.json"), "utf8")).packages);
  return wanted.every(([path, { integrity, optional, dev, devOptional }]) => {
    if (path === "") return true;
    return there[path] ? there[path].integrity === integrity : optional || (!withDev && (dev || devOptional));
  });
}

/** Without our own Node on PATH: npm is about to replace it. */
function runNpm(args) {
  const path = (process.env.PATH ?? "").split(delimiter).filter((dir) => !dir.startsWith(join(root, "node_modules")));
  const env = { ...process.env, PATH: path.join(delimiter) };
  return runCaptured(["npm", ...args, "--no-audit", "--no-fund", "--loglevel=warn"], env);
}

function readText(path) {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1] ?? "")).href) {
  orExplain(() => {
    ensurePackages();
    ensureRedis();
  });
}
