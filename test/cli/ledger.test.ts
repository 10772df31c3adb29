import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../src/learn/ledger/signing.ts";
import { aSigner } from "../learn/ledger/a-ledger.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** Whoever opens a connection dies of it. */
const NO_NETWORK =
  'data:text/javascript,import net from "node:net"; net.Socket.prototype.connect = () => { throw new Error("network"); };';

let stores: Stores;
let folder: string;
let id: string;
let exported: CommandRun;
beforeAll(async () => {
  stores = await openStores();
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  id = (await stores.incidents.open(openRequest())).incidentId;
  await stores.incidents.recordEvidence(id, "at-containment", { balance: "1.00" });
  exported = await runCommand("ledger", "export", id, "--out", file("ledger.json"));
}, 60_000);
afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);
const changed = (name: string, change: (text: string) => string) => {
  writeFileSync(file(name), change(readFileSync(file("ledger.json"), "utf8")));
  return file(name);
};

/** With nothing in the environment but what would break anything that looked at it. */
async function verify(...args: readonly string[]): Promise<CommandRun> {
  const env = { REDIS_URL: "redis://127.0.0.1:1", PORT: "no number", LEDGER_SIGNING_KEY: "no key" };
  const all = ["--import", NO_NETWORK, main, "ledger", "verify", ...args];
  const child = spawn(process.execPath, all, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: code as number, out: out.trimEnd(), err: err.trimEnd() };
}

describe("tourniquet ledger export", () => {
  it("writes the file, and says the anchor", () => {
    expect(exported).toMatchObject({ code: 0, out: "" });
    expect(exported.err).toMatch(/^anchor 2:[0-9a-f-]{67}, .*ledger.json written$/m);
  });

  it("says so where there is no such incident, or no such place", async () => {
    const [unknown, nowhere] = await Promise.all([
      runCommand("ledger", "export", "inc-0-aaaaaaaaaaaa-9"),
      runCommand("ledger", "export", id, "--out", join(folder, "missing", "x.json")),
    ]);
    expect(unknown).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no incident inc-0-aaaaaaaaaaaa-9."),
    });
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be written \(ENOENT\)/) });
  });
});

describe("tourniquet ledger verify, without Redis, network or configuration", () => {
  it("proves a whole one, and says whose key it took", async () => {
    const anchor = /anchor (\S+),/.exec(exported.err)![1]!;
    const { keys } = JSON.parse(readFileSync(file("ledger.json"), "utf8"));
    writeFileSync(file("signer.pem"), keys[0].pem);
    const [own, given] = await Promise.all([
      verify(file("ledger.json")),
      verify("ledger.json", "--key", "signer.pem", "--anchor", anchor, "--json"),
    ]);
    expect(own).toMatchObject({ code: 0, err: "" });
    expect(own.out).toMatch(/^WHOLE .*ledger.json/);
    expect(own.out).toContain(`signed by ${keys[0].keyId}`);
    expect(own.out).toContain("checked against the key inside the file");
    expect(given.code).toBe(0);
    expect(JSON.parse(given.out)).toMatchObject({ verdict: "whole", keysFrom: "given", incident: id, entries: 2 });
  });

  it("names what was changed, and ends with 1", async () => {
    const stranger = (await aSigner(newKey())).publicPem;
    writeFileSync(file("stranger.pem"), stranger);
    const [edited, cut, strange, anchored] = await Promise.all([
      verify(changed("edited.json", (all) => all.replace('"runaway-spending"', '"none"'))),
      verify(changed("cut.json", (all) => all.slice(0, all.length / 2))),
      verify(file("ledger.json"), "--key", file("stranger.pem"), "--json"),
      verify(file("ledger.json"), "--anchor", `2:${"0".repeat(64)}`),
    ]);
    expect(edited).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^CHANGED .*edited.json\n +! entry 1 was changed/),
    });
    expect(cut).toMatchObject({ code: 1, out: expect.stringContaining("the file is cut off") });
    expect(JSON.parse(strange.out).problems[0]).toMatch(/^checkpoint 1 .* which --key did not give$/);
    expect(anchored).toMatchObject({ code: 1, out: expect.stringContaining("is not what the anchor says") });
  });

  it("ends with 2 for what is no ledger, and says what is wrong with how it was asked", async () => {
    writeFileSync(file("other.json"), "{}");
    const [other, missing, key, anchor, noKey, nothing, unknown] = await Promise.all([
      verify(file("other.json")),
      verify(file("missing.json"), "--json"),
      verify(file("ledger.json"), "--key", file("other.json")),
      verify(file("ledger.json"), "--anchor", "57:abc"),
      verify(file("ledger.json"), "--key", file("none.pem")),
      verify(),
      verify(file("ledger.json"), "--ankor", "57:abc"),
    ]);
    expect([noKey.code, nothing.code, unknown.code]).toEqual([2, 2, 2]);
    expect(noKey.err).toContain("none.pem cannot be read: --key names a public key in PEM");
    expect(other).toMatchObject({ code: 2, out: expect.stringMatching(/^NO LEDGER .*other.json/) });
    expect(missing).toMatchObject({ code: 2, out: '{"verdict":"no-ledger","why":"it cannot be read"}' });
    expect(key).toMatchObject({ code: 2, err: expect.stringContaining("holds no Ed25519 public key in PEM") });
    expect(anchor).toMatchObject({ code: 2, err: expect.stringContaining("must be SEQ:HASH") });
  });
});
