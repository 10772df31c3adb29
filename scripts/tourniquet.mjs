#!/usr/bin/env node
/**
 * The command `tourniquet`: runs src/cli/main.ts on the Node this package brings, from whatever folder it is called.
 * The ipc channel is how the child notices that this process died, even by -9: it sees "disconnect".
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, nodeBinary, orExplain, root } from "./bootstrap.mjs";

orExplain(() => ensurePackages());

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

child.on("error", (error) => {
  process.stderr.write(`tourniquet could not be started: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
