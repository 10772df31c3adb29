import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
/** What the scripts and the stand-ins below need of a system; no Redis, no package manager, no npm among them. */
const tools = ["sh", "bash", "mkdir", "ln", "cat", "tee", "grep", "tail", "mktemp", "rm", "dirname", "sleep"];

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * A machine with nothing on it but a shell and Node: a copy of the scripts in an empty project, and a PATH that leads to
 * one folder. What is put there with `command` records how it was called in `calls()`.
 */
export function freshMachine() {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "tourniquet-fresh-")));
  const [bin, root, log] = [join(home, "bin"), join(home, "project"), join(home, "calls.log")];
  mkdirSync(bin);
  writeFileSync(log, "");
  for (const part of ["scripts", ".ci"]) cpSync(join(repository, part), join(root, part), { recursive: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("package.json", JSON.stringify({ name: "tourniquet", type: "module", dependencies: { kept: "1.0.0" } }));
  write(
    "package-lock.json",
    JSON.stringify({ packages: { "": {}, "node_modules/kept": { integrity: "sha512-kept" } } }),
  );
  for (const tool of tools)
    symlinkSync(execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(), join(bin, tool));
  symlinkSync(process.execPath, join(bin, "node"));

  const executable = (path: string, text: string) => {
    writeFileSync(path, `#!/bin/sh\n${text}`);
    chmodSync(path, 0o755);
  };
  const start = (
    script: string,
    args: readonly string[] = [],
    options: { env?: Record<string, string>; cwd?: string } = {},
  ): ChildProcess => {
    const command = script.endsWith(".mjs") ? [process.execPath, join(root, script)] : [join(root, script)];
    return spawn(command[0]!, [...command.slice(1), ...args], {
      cwd: options.cwd ?? home,
      env: { PATH: bin, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  return {
    root,
    bin,
    write,
    has: (path: string) => existsSync(join(root, path)),
    /** Puts a command on PATH, or with a folder before it into the project. */
    command: (name: string, body: string) =>
      executable(name.includes("/") ? join(root, name) : join(bin, name), `echo "\${0##*/} $*" >> '${log}'\n${body}\n`),
    /** An npm that installs: `ci` makes node_modules, `rebuild` brings this very Node. */
    npm: (before = "") => {
      const body = `case $1 in ci) rm -rf node_modules; mkdir -p node_modules/.bin ;; rebuild) ln -sf '${process.execPath}' node_modules/.bin/node ;; esac`;
      executable(join(bin, "npm"), `echo "npm $1" >> '${log}'\n${before}\n${body}\n`);
    },
    calls: () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    start,
    run: async (...args: Parameters<typeof start>): Promise<Result> => ended(start(...args)),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

export type FreshMachine = ReturnType<typeof freshMachine>;

/** What a process printed and how it ended. */
export async function ended(child: ChildProcess): Promise<Result> {
  const printed = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => {
    printed.stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    printed.stderr += chunk;
  });
  const [status, signal] = await once(child, "close");
  return { status, signal, ...printed };
}
