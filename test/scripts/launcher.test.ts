import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ended, type FreshMachine, freshMachine } from "../support/fresh-machine.ts";

let machine: FreshMachine;
beforeEach(() => {
  machine = freshMachine();
  machine.npm();
});
afterEach(() => machine.remove());

/** Prints "ready" and stays until a signal or the end of the launcher, which it writes to a file. */
const waiting = `
  import { writeFileSync } from "node:fs";
  const leave = (why) => { writeFileSync(new URL("../../why", import.meta.url), why); process.exit(9); };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => leave(signal));
  process.on("disconnect", () => leave("disconnect"));
  setInterval(() => undefined, 1_000);
  console.log("ready");`;

async function startWaiting() {
  machine.write("src/cli/main.ts", waiting);
  const launcher = machine.start("scripts/tourniquet.mjs");
  await once(createInterface({ input: launcher.stdout! }), "line");
  return launcher;
}

describe("the launcher", () => {
  it("runs the command on Node 24 with its arguments, from whatever folder, and ends with its status", async () => {
    machine.write(
      "src/cli/main.ts",
      "console.log(process.version.split('.')[0], process.argv.slice(2).join('|')); process.exitCode = 5;",
    );
    const result = await machine.run("scripts/tourniquet.mjs", ["incidents", "--json"], { cwd: machine.bin });
    expect(result).toMatchObject({ status: 5, stdout: "v24 incidents|--json\n" });
  });

  it("gives the command what stands in .env, unless it is set already", async () => {
    machine.write("src/cli/main.ts", "console.log(process.env.PORT, process.env.HOST);");
    machine.write(".env", "PORT=1\nHOST=from-file\n");
    expect((await machine.run("scripts/tourniquet.mjs", [], { env: { PORT: "2" } })).stdout).toBe("2 from-file\n");
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("passes %s on and waits for the end", async (signal) => {
    const launcher = await startWaiting();
    launcher.kill(signal);
    expect((await ended(launcher)).status).toBe(9);
    expect(await why()).toBe(signal);
  });

  it("ends by the signal that ended the command", async () => {
    machine.write("src/cli/main.ts", "process.kill(process.pid, 'SIGKILL');");
    expect((await machine.run("scripts/tourniquet.mjs")).signal).toBe("SIGKILL");
  });

  it("lets the command notice when the launcher is killed with -9", async () => {
    const launcher = await startWaiting();
    launcher.kill("SIGKILL");
    await expect.poll(why, { timeout: 10_000 }).toBe("disconnect");
  });
});

async function why(): Promise<string> {
  return readFile(`${machine.root}/why`, "utf8").catch(() => "still running");
}
