import { type ChildProcess, fork } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environmentWith } from "../../src/config.ts";
import { variables } from "../../src/config-schema.ts";

/** A process of the benchmark: a part of the product, a limit it is measured against, or a generator of load. */
export interface Child {
  pid: number;
  /** What it said with its "ready". */
  facts: { url?: string };
  /** Sends a question and resolves with the next message. One at a time. */
  ask<Answer>(question: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;

/** `file` relative to this folder. Its log goes to logFile; what the caller's shell has set of the product's variables is not seen. */
export async function startChild(
  file: string,
  args: readonly string[],
  options: { logFile: string; environment?: Readonly<Record<string, string>> },
): Promise<Child> {
  const log = openSync(options.logFile, "a");
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    env: cleanEnvironment(options.environment ?? {}),
    stdio: ["ignore", log, log, "ipc"],
  });
  const name = [file, ...args].join(" ");
  const facts = await ready(child, name, options.logFile);
  return {
    pid: child.pid!,
    facts,
    ask: (question) =>
      ask(child, question, () => new Error(`${name} ended; the log says:\n${tailOf(options.logFile)}`)),
    stop: () => end(child),
  };
}

function cleanEnvironment(own: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const names = Object.keys(variables).flatMap((name) => [name, `${name}_FILE`]);
  return environmentWith({ ...Object.fromEntries(names.map((name) => [name, ""])), ...own });
}

function ready(child: ChildProcess, name: string, logFile: string): Promise<{ url?: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}; its log ends:\n${tailOf(logFile)}`));
    const late = setTimeout(() => fail(`is not ready after ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
    const ended = () => fail("ended while starting");
    child.once("exit", ended);
    child.once("message", (facts: { url?: string }) => {
      clearTimeout(late);
      child.off("exit", ended);
      resolve(facts);
    });
  });
}

function ask<Answer>(child: ChildProcess, question: unknown, whyNot: () => Error): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(whyNot());
    child.once("exit", ended);
    child.once("message", (answer) => {
      child.off("exit", ended);
      resolve(answer as Answer);
    });
    child.send(question as object);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(hard);
}

const tailOf = (logFile: string): string => readFileSync(logFile, "utf8").slice(-1_500);
