import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentWith } from "../../src/config.ts";
import { runCommand } from "./run-command.ts";

const holder = createServer();
let taken: number;
beforeAll(async () => {
  await once(holder.listen(0, "127.0.0.1"), "listening");
  taken = (holder.address() as AddressInfo).port;
});
afterAll(() => void holder.close());

describe("a command that cannot be meant", () => {
  it.each([
    [["register", "--rotate", "--remove"], "option '--remove' cannot be used with option '--rotate'"],
    [["start", "--json"], "add --once"],
    [["sandbox", "--port", "65536"], "must be a whole number from 0 to 65535"],
  ])("is refused before anything is done, with what is wrong: %j", async (args, words) => {
    const { code, out, err } = await runCommand(...args);
    expect([code, out, err]).toEqual([2, "", expect.stringContaining(words)]);
  });
});

describe("an address that is not to be had", () => {
  it("is named by the sandbox, with what to set, and no stack", async () => {
    const { code, err } = await runCommand("sandbox", "--port", String(taken));
    expect([code, err]).toEqual([
      2,
      `tourniquet: cannot listen on 127.0.0.1:${taken} (EADDRINUSE): set --port or --host to a free one`,
    ]);
  });
});

describe("an answer that cannot be written", () => {
  const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;

  /** A file that is open for reading takes nothing, as a full disk does. */
  async function withoutRoom(stdio: (none: number) => (number | "pipe" | "ignore")[], ...args: readonly string[]) {
    const none = openSync(main, "r");
    const child = spawn(process.execPath, [main, ...args], { env: environmentWith({}), stdio: stdio(none) });
    closeSync(none);
    const [err, [code]] = await Promise.all([child.stderr ? text(child.stderr) : "", once(child, "exit")]);
    return { code, err };
  }

  it("ends with 1 and one sentence", async () => {
    const { code, err } = await withoutRoom((none) => ["ignore", none, "pipe"], "drill", "--list", "--json");
    expect([code, err]).toEqual([1, expect.stringMatching(/^tourniquet: standard output took no more \(EBADF.*\n$/)]);
  });

  it("on standard error ends nothing, and changes no exit status", async () => {
    expect((await withoutRoom((none) => ["ignore", "pipe", none], "nonsense")).code).toBe(2);
  });
});
