import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FreshMachine, freshMachine } from "../support/fresh-machine.ts";

let machine: FreshMachine;
beforeEach(() => {
  machine = freshMachine();
});
afterEach(() => machine.remove());

describe("a command where only what a deployment needs is installed", () => {
  const lockfile = {
    packages: {
      "": {},
      "node_modules/kept": { integrity: "sha512-kept" },
      "node_modules/tester": { integrity: "sha512-tester", dev: true },
    },
  };
  const deploy = () => {
    machine.npm();
    machine.write("src/cli/main.ts", "console.log('at work');");
    machine.write("package-lock.json", JSON.stringify(lockfile));
    const installed = { "node_modules/kept": { integrity: "sha512-kept" } };
    machine.write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
  };

  it("gets its Node and runs, and installs nothing else", async () => {
    deploy();
    machine.command("npm", `mkdir -p node_modules/.bin; ln -sf '${process.execPath}' node_modules/.bin/node`);
    const first = await machine.run("scripts/tourniquet.mjs", []);
    expect(first).toMatchObject({ status: 0, stdout: "at work\n", stderr: "" });
    expect(machine.calls()).toEqual(["npm rebuild node --no-audit --no-fund --loglevel=warn"]);
    expect(await machine.run("scripts/tourniquet.mjs", [])).toEqual(first);
    expect(machine.calls()).toHaveLength(1);
  });

  it("is no folder that tests can run in", async () => {
    deploy();
    await machine.run("scripts/bootstrap.mjs", [], { env: { REDIS_URL: "redis://127.0.0.1:6379" } });
    expect(machine.calls()).toContain("npm ci");
  });
});
