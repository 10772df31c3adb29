/** Programs that are no npm packages: a Redis to run, and a browser for the browser tests. What is missing is installed. */
import { BootstrapError, isExecutable, onPath, runCaptured, say, underLock } from "./machine.mjs";

/** In the order they are asked for. */
const packageManagers = [
  { command: "apt-get", before: ["update"], install: ["install", "-y", "--no-install-recommends"] },
  { command: "dnf", install: ["install", "-y"] },
  { command: "apk", install: ["add", "--no-cache"] },
  { command: "brew", install: ["install"] },
];

/** Packages of each manager, in the order they are tried. */
const redis = {
  name: "Redis",
  packages: {
    "apt-get": ["redis-server", "valkey-server"],
    dnf: ["redis", "valkey"],
    apk: ["redis", "valkey"],
    brew: ["redis", "valkey"],
  },
  advice: (reason) =>
    `Tourniquet needs Redis 7 or newer, and ${reason}.\nInstall redis-server (or valkey-server) so that it is on PATH, or set REDIS_URL to one that runs.`,
};
const chromium = {
  name: "Chromium",
  packages: {
    // Ubuntu has no package of the first name.
    "apt-get": ["chromium", "chromium-browser"],
    dnf: ["chromium"],
    apk: ["chromium"],
    brew: ["--cask google-chrome"],
  },
  advice: (reason) =>
    `The browser tests need Chrome or Chromium, and ${reason}.\nInstall one so that it is on PATH, or set CHROME_PATH to its program; \`npm test -- --project unit\` and \`--project e2e\` need none.`,
};

/** Finds a Redis, or installs one. With `ownServer` REDIS_URL is not enough: tests start and flush their own. */
export function ensureRedis({ ownServer = false, env = process.env } = {}) {
  const find = () => onPath("redis-server", env) ?? onPath("valkey-server", env);
  if (!env.REDIS_URL || ownServer) ensure(redis, find, env);
}

const browsers = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The whole path of a Chrome or Chromium: CHROME_PATH, else the one found, else one that is installed now. */
export function ensureChromium({ env = process.env, applications = macApplications } = {}) {
  if (env.CHROME_PATH) {
    if (isExecutable(env.CHROME_PATH)) return env.CHROME_PATH;
    throw new BootstrapError(chromium.advice(`CHROME_PATH leads to no program: ${env.CHROME_PATH}`));
  }
  const find = () =>
    browsers.map((name) => onPath(name, env)).find((path) => path !== undefined) ?? applications.find(isExecutable);
  return ensure(chromium, find, env);
}

/** What `find` finds, after installing the program if need be. */
function ensure(program, find, env) {
  let found = find();
  if (found !== undefined) return found;
  underLock(() => {
    found = find();
    if (found !== undefined) return;
    const manager = packageManagers.find(({ command }) => onPath(command, env));
    if (manager === undefined)
      throw new BootstrapError(program.advice("no package manager known here (apt-get, dnf, apk, brew) was found"));
    say(`${program.name} is missing: installing it with ${manager.command}.`);
    const failure = install(program.packages[manager.command], manager, env, () => find() !== undefined);
    if (failure !== undefined)
      throw new BootstrapError(`${failure}\n${program.advice(`${manager.command} could not install it`)}`);
    found = find();
  });
  return found;
}

/** Returns what the package manager said first, or undefined if the program is there now. */
function install(packages, manager, env, isThere) {
  const needsSudo = manager.command !== "brew" && process.getuid() !== 0;
  // -n: never ask for a password in the middle of a start; the advice says what to type instead.
  const prefix = needsSudo ? ["sudo", "-n"] : [];
  const run = (args) =>
    runCaptured([...prefix, manager.command, ...args], { ...env, DEBIAN_FRONTEND: "noninteractive" });
  if (manager.before) run(manager.before); // stale lists may still do; whether the program arrives is what counts
  let failure;
  for (const name of packages) {
    const { output } = run([...manager.install, ...name.split(" ")]);
    if (isThere()) return undefined;
    failure ??= output;
  }
  return failure;
}
