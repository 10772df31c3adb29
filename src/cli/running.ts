import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Environment, environmentWith } from "../config.ts";
import { variables } from "../config-schema.ts";

const folder = new URL("../../.tourniquet/", import.meta.url);
const file = new URL("running.json", folder);

export interface Running {
  pid: number;
  /** Of its API, where it answers as long as it lives. */
  apiUrl: string;
  /** What commands take over. */
  environment: Record<string, string>;
}

/**
 * Lets the commands of another terminal find this `npm start`: its embedded Redis has a port of its own. Holds no key or secret but the sandbox's.
 * forget: takes back what is still of this process.
 */
export function announceRunning(apiUrl: string, environment: Record<string, string>): { forget(): void } {
  mkdirSync(folder, { recursive: true });
  const running: Running = { pid: process.pid, apiUrl, environment };
  writeFileSync(file, JSON.stringify(running), { mode: 0o600 });
  return {
    forget() {
      if (readRunning()?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

/** The `npm start` that commands of this folder talk to; null where there is none, or only what one has left behind. */
export async function announcedStart(): Promise<Running | null> {
  const running = readRunning();
  return running !== null && (await isAnswering(running.apiUrl)) ? running : null;
}

/** So long a machine may be busy; who takes the connection and says nothing meanwhile is there all the same. */
const ANSWERS_WITHIN_MS = 5_000;

/** An id of a process that ended may be another's by now: that one does not answer there. */
async function isAnswering(apiUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${apiUrl}/healthz`, {
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    const { status } = (await answer.json()) as { status?: unknown };
    return status === "ok";
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError";
  }
}

/** The environment, with what a running `npm start` announced where it is the one that is meant. */
export function runningEnvironment(): Environment {
  const own = environmentWith({});
  const running = readRunning();
  return running ? withRunning(own, running.environment) : own;
}

/**
 * With a REDIS_URL of one's own it is another product that is meant. With a key or a gateway of one's own nothing of the
 * running one's gateway is taken: its key belongs to the sandbox, and what is said of the one says nothing of the other.
 */
export function withRunning(environment: Environment, announced: Readonly<Record<string, string>>): Environment {
  const own = definedOf(environment);
  if (own.REDIS_URL !== undefined && own.REDIS_URL !== announced.REDIS_URL) return environment;
  const address = own.GREENHELIX_BASE_URL ?? variables.GREENHELIX_BASE_URL.fallback;
  const hasGateway =
    (own.GREENHELIX_API_KEY ?? own.GREENHELIX_API_KEY_FILE) !== undefined ||
    ![variables.GREENHELIX_BASE_URL.fallback, announced.GREENHELIX_BASE_URL].includes(address);
  const { GREENHELIX_BASE_URL, GREENHELIX_API_KEY, GREENHELIX_WEBHOOK_SECRETS, ...more } = announced;
  const { AGENT_CONTROL_URL, AGENT_CONTROL_TOKEN, ...others } = more;
  if (hasGateway) return { ...others, ...own };
  const gateway = definedOf({ GREENHELIX_BASE_URL, GREENHELIX_API_KEY, GREENHELIX_WEBHOOK_SECRETS });
  const control = own.AGENT_CONTROL_URL === undefined ? definedOf({ AGENT_CONTROL_URL, AGENT_CONTROL_TOKEN }) : {};
  return { ...others, ...own, ...gateway, ...control };
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

function definedOf(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
}
