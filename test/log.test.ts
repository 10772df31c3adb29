import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oncePerSecond } from "../src/log.ts";

const modulePath = new URL("../src/log.ts", import.meta.url).href;

/** What a process writes that logs each of these; the log writes past the process's own streams, so only a process can show it. */
async function logged(calls: readonly { level: string; fields: unknown; what: string; asError?: boolean }[]) {
  const script = `
    import { text } from "node:stream/consumers";
    import { createLog } from ${JSON.stringify(modulePath)};
    const log = createLog("info", "test");
    for (const { level, fields, what, asError } of JSON.parse(await text(process.stdin)))
      log[level](asError ? { err: Object.assign(new Error(fields.message), { cause: new Error(fields.cause) }) } : fields, what);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(calls));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { stdout, lines: stderr.trimEnd().split("\n") };
}

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const secrets = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._~+/-]{8,40}$/).map((token) => [`Bearer ${token}`, token] as const),
  fc.base64String({ minLength: 16, maxLength: 44 }).map((key) => [`whsec_${key}`, key.replace(/=+$/, "")] as const),
  hex(24).map((key) => [`a2a_pro_${key}`, key] as const),
  hex(64).map((key) => [key, key] as const),
  fc.stringMatching(/^[\w-]{43}$/).map((key) => [`tqt_${key}`, key] as const),
  fc.stringMatching(/^[\w-]{43}$/).map((key) => [`cookie: a=b; __Host-tourniquet=${key}`, key] as const),
  hex(128).map((key) => [key.toUpperCase(), key.toUpperCase()] as const),
  hex(12).map((token) => [`authorization: bearer\n ${token}`, token] as const),
);
const around = fc.constantFrom("", "x: ", '"', "\n", "\u001b", "ü ", "\\");
/** Puts the text somewhere into an object: in a value, in a list, under a key, inside a longer sentence, at any depth. */
const hidden = fc
  .tuple(secrets, fc.array(fc.constantFrom("key", "list", "nested"), { maxLength: 6 }), around, around)
  .map(([[secret, core], path, before, after]) => {
    const sentence: unknown = `${before}${secret}${after === "" ? "" : ` ${after}`}`;
    const fields = path.reduce((inner, kind) => (kind === "list" ? [inner, 1] : { [kind]: inner }), sentence);
    return { core, fields: { detail: fields } };
  });

describe("a log line", () => {
  it("never shows a secret, wherever it was put", async () => {
    const samples = fc.sample(hidden, { numRuns: 300, seed: 7 });
    const { lines, stdout } = await logged(samples.map(({ fields }) => ({ level: "warn", fields, what: "step.done" })));
    expect(lines).toHaveLength(samples.length);
    expect(stdout).toBe("");
    for (const [index, { core }] of samples.entries()) {
      expect(lines[index]).not.toContain(core);
      expect(lines[index]).toContain("[secret]");
      expect(() => JSON.parse(lines[index]!)).not.toThrow();
    }
  });

  it("never shows one in its sentence, in an error's message, its stack or its cause", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const { lines } = await logged([
      { level: "error", fields: {}, what: `refused with ${secret}` },
      {
        level: "error",
        fields: { message: `bad key ${secret}`, cause: `Bearer abc.${secret}` },
        what: "x",
        asError: true,
      },
    ]);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain("MfKQ9r8GKYqr");
    expect(lines.join()).not.toContain("abc.");
  });

  it("leaves what is no secret as it is, names its process, and leaves out what is below its level", async () => {
    const fields = { incidentId: "inc-0-9f86d081884c-1", amount: "46800.00", hash: "9f86d081" };
    const { lines } = await logged([
      { level: "info", fields, what: "job.done" },
      { level: "debug", fields, what: "never" },
    ]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ ...fields, msg: "job.done", name: "test", pid: expect.any(Number) });
  });
});

describe("an error that comes thousands of times a second", () => {
  it("is written at once, and then once a second", () => {
    const written: Error[] = [];
    const write = oncePerSecond((error) => written.push(error));
    const first = new Error("first");
    write(first);
    for (let index = 0; index < 1_000; index += 1) write(new Error("again"));
    expect(written).toEqual([first]);
  });
});
