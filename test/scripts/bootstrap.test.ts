import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ended, type FreshMachine, freshMachine } from "../support/fresh-machine.ts";

const withRedis = { env: { REDIS_URL: "redis://127.0.0.1:6379" } };
let machine: FreshMachine;
beforeEach(() => {
  machine = freshMachine();
});
afterEach(() => machine.remove());

const bootstrap = (options: { env?: Record<string, string> } = {}) => machine.run("scripts/bootstrap.mjs", [], options);
const lines = (text: string) => text.trim().split("\n");

describe("in a folder without packages", () => {
  it("installs them, lets only the node package run its script, and makes npx find the launcher", async () => {
    machine.command(
      "npm",
      `case $1 in ci) mkdir -p node_modules/.bin ;; rebuild) ln -sf '${process.execPath}' node_modules/.bin/node ;; esac`,
    );
    const result = await bootstrap(withRedis);
    expect(result).toMatchObject({ status: 0, stdout: "" });
    expect(lines(result.stderr)).toEqual([
      expect.stringMatching(/^Installing packages/),
      expect.stringMatching(/^Packages installed in \d+ s\.$/),
    ]);
    expect(machine.calls()).toEqual([
      "npm ci --ignore-scripts --include=dev --min-release-age=0 --no-audit --no-fund --loglevel=warn",
      "npm rebuild node --no-audit --no-fund --loglevel=warn",
    ]);
    expect(machine.has("node_modules/.bin/tourniquet")).toBe(true);
  });

  it("does nothing and says nothing the second time", async () => {
    machine.npm();
    await bootstrap(withRedis);
    const calls = machine.calls().length;
    expect(await bootstrap(withRedis)).toEqual({ status: 0, signal: null, stdout: "", stderr: "" });
    expect(machine.calls()).toHaveLength(calls);
  });

  it("installs once when two start at the same moment", async () => {
    machine.npm('case $1 in ci) while [ ! -e "$PWD/../go" ]; do sleep 0.02; done ;; esac');
    const first = bootstrap(withRedis);
    await expect.poll(() => machine.calls()).toEqual(["npm ci"]);
    const second = machine.start("scripts/bootstrap.mjs", [], withRedis);
    const [said] = await once(second.stderr!, "data");
    expect(String(said)).toBe("Another process is getting this folder ready; waiting for it.\n");
    machine.write("../go", "");
    expect([(await first).status, (await ended(second)).status]).toEqual([0, 0]);
    expect(machine.calls()).toEqual(["npm ci", "npm rebuild"]);
  });

  it("touches no node_modules that is a link to another folder's", async () => {
    machine.npm();
    machine.write("../others/kept/package.json", "{}");
    symlinkSync(join(machine.root, "../others"), join(machine.root, "node_modules"));
    const { status, stderr } = await bootstrap(withRedis);
    expect([status, stderr]).toEqual([1, expect.stringContaining("node_modules is a link to another folder")]);
    expect([machine.calls(), machine.has("../others/kept/package.json")]).toEqual([[], true]);
  });

  it("takes over the lock of a bootstrap that died", async () => {
    machine.npm();
    machine.write(".tourniquet/bootstrap.lock", String(spawnSync("true").pid));
    expect((await bootstrap(withRedis)).status).toBe(0);
    expect(machine.has(".tourniquet/bootstrap.lock")).toBe(false);
  });
});

describe("when a package was changed in package.json", () => {
  it("installs again", async () => {
    machine.npm();
    await bootstrap(withRedis);
    machine.write("package.json", JSON.stringify({ type: "module", dependencies: { kept: "2.0.0" } }));
    await bootstrap(withRedis);
    expect(machine.calls().filter((call) => call === "npm ci")).toHaveLength(2);
  });
});

describe("when somebody already installed exactly the lockfile", () => {
  it("keeps what is there", async () => {
    machine.npm();
    machine.write(
      "node_modules/.package-lock.json",
      JSON.stringify({ packages: { "node_modules/kept": { integrity: "sha512-kept" } } }),
    );
    machine.write("node_modules/.bin/other", "");
    expect((await bootstrap(withRedis)).status).toBe(0);
    expect(machine.calls()).toEqual(["npm rebuild"]);
  });
});

describe("when npm fails", () => {
  it("shows what npm said, ends with 1, and tries again the next time", async () => {
    machine.command("npm", "echo 'registry is out' >&2; exit 1");
    const result = await bootstrap(withRedis);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("registry is out");
    machine.npm();
    expect((await bootstrap(withRedis)).status).toBe(0);
  });

  it("says what to type when install scripts are switched off", async () => {
    machine.command("npm", "case $1 in ci) mkdir -p node_modules/.bin ;; esac");
    const result = await bootstrap(withRedis);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("npm rebuild node --ignore-scripts=false");
  });
});

describe("on a machine without Redis", () => {
  beforeEach(() => {
    machine.npm();
    machine.command("sudo", 'shift; exec "$@"');
  });
  const systemCalls = () => machine.calls().filter((call) => !/^(npm|sudo) /.test(call));

  it("installs it with apt, lists first, and says so in one line", async () => {
    machine.command("apt-get", `case $1 in install) ln -s '${process.execPath}' "\${0%/*}/redis-server" ;; esac`);
    const result = await bootstrap();
    expect(result.status).toBe(0);
    expect(result.stderr).toContain("Redis is missing: installing it with apt-get.\n");
    expect(systemCalls()).toEqual(["apt-get update", "apt-get install -y --no-install-recommends redis-server"]);
  });

  it("takes Valkey where that is what the system has", async () => {
    machine.command(
      "apk",
      `case $* in *valkey) ln -s '${process.execPath}' "\${0%/*}/valkey-server" ;; *) exit 1 ;; esac`,
    );
    expect((await bootstrap()).status).toBe(0);
    expect(systemCalls()).toEqual(["apk add --no-cache redis", "apk add --no-cache valkey"]);
  });

  it("shows what the package manager said when it fails, and what to do", async () => {
    machine.command("dnf", "echo 'no such package' >&2; exit 1");
    const result = await bootstrap();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("no such package");
    expect(result.stderr).toContain("set REDIS_URL");
  });

  it("says what to do when there is no package manager either", async () => {
    const result = await bootstrap();
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/Install redis-server \(or valkey-server\).*or set REDIS_URL/);
  });

  it("wants nothing when REDIS_URL is set", async () => {
    expect((await bootstrap(withRedis)).status).toBe(0);
    expect(systemCalls()).toEqual([]);
  });
});

describe("a browser for the browser tests", () => {
  beforeEach(() => machine.command("sudo", 'shift; exec "$@"'));
  const systemCalls = () => machine.calls().filter((call) => !call.startsWith("sudo "));
  /** What the bootstrap of the tests does, with the applications folder of a Mac that has these. */
  const find = async (env: Record<string, string> = {}, applications: readonly string[] = []) => {
    machine.write(
      "scripts/find.mjs",
      `import { orExplain } from "./machine.mjs"; import { ensureChromium } from "./programs.mjs";
      orExplain(() => console.log(ensureChromium({ env: process.env, applications: ${JSON.stringify(applications)} })));`,
    );
    const { status, stdout, stderr } = await machine.run("scripts/find.mjs", [], { env });
    return { status, found: stdout.trim().replace(`${machine.bin}/`, ""), stderr };
  };

  it.each(["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"])(
    "is %s from PATH, and nothing is said",
    async (name) => {
      machine.command(name, "");
      expect(await find()).toEqual({ status: 0, found: name, stderr: "" });
    },
  );

  it("is the one of CHROME_PATH before any other", async () => {
    machine.command("chromium", "");
    machine.command("my-chrome", "");
    expect(await find({ CHROME_PATH: `${machine.bin}/my-chrome` })).toMatchObject({ status: 0, found: "my-chrome" });
  });

  it("is not looked for elsewhere when CHROME_PATH leads nowhere", async () => {
    machine.command("chromium", "");
    const { status, stderr } = await find({ CHROME_PATH: "/nowhere/chrome" });
    expect(status).toBe(1);
    expect(stderr).toContain("CHROME_PATH leads to no program: /nowhere/chrome");
  });

  it("is the application of a Mac", async () => {
    machine.command("Google Chrome", "");
    expect(await find({}, [`${machine.bin}/Google Chrome`])).toMatchObject({ status: 0, found: "Google Chrome" });
  });

  it("is installed with apt where there is none, lists first, and that is said in one line", async () => {
    machine.command("apt-get", `case $* in *chromium) ln -s '${process.execPath}' "\${0%/*}/chromium" ;; esac`);
    expect(await find()).toEqual({
      status: 0,
      found: "chromium",
      stderr: "Chromium is missing: installing it with apt-get.\n",
    });
    expect(systemCalls()).toEqual(["apt-get update", "apt-get install -y --no-install-recommends chromium"]);
  });

  it("is the application that brew brings", async () => {
    machine.command("brew", `case $* in *--cask*) ln -s '${process.execPath}' "\${0%/*}/chrome.app" ;; esac`);
    expect(await find({}, [`${machine.bin}/chrome.app`])).toMatchObject({ status: 0, found: "chrome.app" });
    expect(systemCalls()).toEqual(["brew install --cask google-chrome"]);
  });

  it("is asked for by name when the package manager has none", async () => {
    machine.command("dnf", "echo 'no such package' >&2; exit 1");
    const { status, stderr } = await find();
    expect(status).toBe(1);
    expect(stderr).toContain("no such package");
    expect(stderr).toContain("set CHROME_PATH");
  });

  it("is nothing that npm start asks for", async () => {
    machine.npm();
    machine.command("apt-get", "exit 1");
    expect((await bootstrap(withRedis)).status).toBe(0);
    expect(systemCalls().filter((call) => call.startsWith("apt-get"))).toEqual([]);
  });
});
