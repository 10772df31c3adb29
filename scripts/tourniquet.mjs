#!/usr/bin/env node
/**
 * The command `tourniquet`: runs src/cli/main.ts on the Node this package brings, from whatever folder it is called.
 * The ipc channel is how the child notices that this process died, even by -9: it sees "disconnect".
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, nodeBinary } from "./bootstrap.mjs";
import { orExplain, root } from "./machine.mjs";

orExplain(() => ensurePackages({ withDev: false }));

const envFile = join(root, ".env");
const options = existsSync(envFile) ? [`--env-file=${envFile}`] : [];
const main = join(root, "src", "cli", "main.ts");
const child = spawn(nodeBinary, [...options, main, ...process.argv.slice(2)], {
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.on(signal, () => {
    // In a terminal Ctrl-C reaches the child by itself, and a second one would mean "at once".
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
}

// Started by npm or npx, we end when it does: killed alone, it takes nobody with it.
if (process.env.npm_lifecycle_event) {
  const starters = startersOf(process.ppid);
  setInterval(() => {
    if (!starters.every(isAlive)) child.kill("SIGTERM");
  }, 500).unref();
}

/** Our parent, and where that is the shell npm runs a script in, npm itself. */
function startersOf(pid) {
  const [parent = "", ...args] = spawnSync("ps", ["-o", "ppid=", "-o", "args=", "-p", String(pid)], {
    encoding: "utf8",
  })
    .stdout.trim()
    .split(/\s+/);
  const isShell = /(^|\/)(sh|dash|bash)$/.test(args[0] ?? "") && args[1] === "-c";
  return isShell && parent !== "" ? [pid, Number(parent)] : [pid];
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

child.on("error", (error) => {
  process.stderr.write(`tourniquet could not be started: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
