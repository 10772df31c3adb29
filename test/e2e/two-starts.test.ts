import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { projectCopy } from "../support/project-copy.ts";
import { until } from "../support/until.ts";

const { root, remove } = projectCopy();
const announcement = `${root}/.tourniquet/running.json`;
const { PATH = "", HOME = "" } = process.env;
const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => void child.kill("SIGKILL")));
afterAll(() => remove());

function command(environment: Record<string, string>, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["src/cli/main.ts", ...args], {
    cwd: root,
    // Not the first free one from 8080 on: another test's start may find the same at the same moment.
    env: { PATH, HOME, PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

async function run(environment: Record<string, string>, ...args: readonly string[]) {
  const child = command(environment, ...args);
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")]);
  return { code: code as number, out, err };
}

/** One that stays up, once commands find it; the story may still be playing. */
async function stayingStart() {
  const child = command({}, "start", "--speed", "100");
  const chunks: string[] = [];
  child.stdout!.on("data", (chunk: Buffer) => chunks.push(chunk.toString("utf8")));
  await until(async () => chunks.join("").includes("\ncommands "), "the start to be up", 60_000, 100);
  return { child, output: () => chunks.join("") };
}

const announced = () => JSON.parse(readFileSync(announcement, "utf8"));

describe("a second npm start in the folder of one that runs", () => {
  it("leaves it in its place: --once plays beside it, one that would stay is refused, and each says whom commands talk to", async () => {
    const { child, output } = await stayingStart();
    const first = announced();
    expect(output()).toContain("npx tourniquet in this folder talks to this one\n");

    const { REDIS_URL } = first.environment;
    const [staying, ...sharing] = await Promise.all([
      run({}, "start"),
      run({ REDIS_URL }, "start", "--once"),
      run({ GREENHELIX_API_KEY: "gh-real" }, "start", "--once"),
    ]);
    expect([staying.code, staying.out]).toEqual([1, ""]);
    expect(staying.err).toContain(`runs in this folder already (process ${child.pid}, ${first.apiUrl})`);
    expect(staying.err).toContain("end it with Ctrl-C first");
    for (const { code, err } of sharing)
      expect([code, err]).toEqual([1, expect.stringContaining("both would work on ")]);

    const passing = await run({}, "start", "--once", "--speed", "100");
    expect([passing.code, passing.err]).toEqual([0, ""]);
    expect(passing.out).toContain(`goes on talking to process ${child.pid}, ${first.apiUrl}\n`);
    expect(announced()).toEqual(first);

    child.kill("SIGTERM");
    await once(child, "close");
    expect(existsSync(announcement)).toBe(false);
  });

  it("takes back no announcement but its own", async () => {
    const { child } = await stayingStart();
    const others = JSON.stringify({ ...announced(), pid: process.pid });
    writeFileSync(announcement, others);
    child.kill("SIGTERM");
    await once(child, "close");
    expect(readFileSync(announcement, "utf8")).toBe(others);
  });
});

describe("what a start left behind", () => {
  /** A process that lives, and an address where `answer` is what is to be had; null: nothing listens there. */
  async function leftBehind(answer: string | null) {
    const server = createServer((_req, res) => res.end(answer)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (answer === null) server.close();
    mkdirSync(`${root}/.tourniquet`, { recursive: true });
    writeFileSync(announcement, JSON.stringify({ pid: process.pid, apiUrl, environment: {} }));
    return { close: () => server.close() };
  }

  it.each([null, '{"status":"up"}'])("is replaced where its id is another process's by now: %s", async (answer) => {
    const { close } = await leftBehind(answer);
    const { child } = await stayingStart();
    expect(announced().pid).toBe(child.pid);
    close();
  });

  it("is one that runs as long as it answers as ours", async () => {
    const { close } = await leftBehind('{"status":"ok"}');
    const { code, err } = await run({}, "start");
    expect([code, err]).toEqual([1, expect.stringContaining(`process ${process.pid}`)]);
    close();
  });
});
