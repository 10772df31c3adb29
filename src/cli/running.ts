import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { environmentWith } from "../config.ts";

const folder = new URL("../../.tourniquet/", import.meta.url);
const file = new URL("running.json", folder);

interface Running {
  pid: number;
  environment: Record<string, string>;
}

/** Lets the commands of another terminal find this `npm start`: its embedded Redis has a port of its own. Holds no secret. */
export function announceRunning(environment: Record<string, string>): { forget(): void } {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify({ pid: process.pid, environment } satisfies Running));
  return { forget: () => rmSync(file, { force: true }) };
}

/** The environment, with what a running `npm start` announced under whatever is not set. */
export function runningEnvironment(): Record<string, string | undefined> {
  const running = readRunning();
  const own = environmentWith({});
  return running ? { ...running.environment, ...definedOf(own) } : own;
}

function readRunning(): Running | null {
  try {
    const running = JSON.parse(readFileSync(file, "utf8")) as Running;
    process.kill(running.pid, 0);
    return running;
  } catch (error) {
    // No file, or left behind by one that is gone: then nothing is running here.
    if (error instanceof SyntaxError || isErrno(error)) return null;
    throw error;
  }
}

const isErrno = (error: unknown): boolean => error instanceof Error && "code" in error;

function definedOf(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
}
