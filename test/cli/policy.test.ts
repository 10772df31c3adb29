import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { runCommand, runCommandWith } from "./run-command.ts";

let stores: Stores;
let folder: string;
beforeAll(async () => {
  stores = await openStores();
  folder = mkdtempSync(join(tmpdir(), "tourniquet-policy-"));
});
afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, yaml: string): string {
  const path = join(folder, name);
  writeFileSync(path, yaml);
  return path;
}

describe("tourniquet config check", () => {
  it("names every mistake with its line and ends with 2", async () => {
    const path = file("wrong.yaml", "cascade:\n  agents: 1\nrunbooks:\n  runaway: {}\nbreaker: { failures: many }\n");
    const [{ code, out }, json, none, folderItself] = await Promise.all([
      runCommand("config", "check", path),
      runCommand("config", "check", path, "--json"),
      runCommand("config", "check", join(folder, "none.yaml")),
      runCommand("config", "check", folder),
    ]);
    expect([code, none.code, folderItself.code]).toEqual([2, 2, 2]);
    expect(none.out).toMatch(/the command names \S+none\.yaml, which does not exist$/);
    expect(folderItself.out).toContain(`the command names ${folder}, which is a folder, no file`);
    expect(out.split("\n")).toEqual([
      "3 mistakes",
      `  ${path} line 2: cascade.agents must be a whole number from 2 to 1000`,
      expect.stringContaining(`${path} line 4: runbooks.runaway is no runbook; known are: runaway-spending`),
      `  ${path} line 5: breaker.failures must be a whole number from 1 to 1000`,
    ]);
    expect([json.code, JSON.parse(json.out).mistakes.length]).toEqual([2, 3]);
  }, 60_000);

  it("shows what differs, the lines of policy in their order, what answers what, and what is probably not meant", async () => {
    const path = file(
      "right.yaml",
      `thresholds: { budgetWarningPct: 70 }
policy:
  - { severity: critical, tier: full-shutdown }
  - { signal: escrow-burst, severity: critical, tier: auto-contain }
`,
    );
    const [{ code, out }, asJson] = await Promise.all([
      runCommand("config", "check", path),
      runCommand("config", "check", path, "--json"),
    ]);
    expect(code).toBe(0);
    expect(out).toContain(`${path} is in order`);
    expect(out).toContain("line 4: policy line 4: escrow-burst, critical -> auto-contain never decides");
    expect(out).toMatch(/^ {2}thresholds\.budgetWarningPct +70 +\(80\) +line 1$/m);
    expect(out).toMatch(/policy line 3: critical -> full-shutdown\n.*policy line 4.*\n.*default policy: critical/);
    expect(out).toMatch(
      /^ {2}error-spike +recorded +auto-contain \(default policy\) +full-shutdown \(policy line 3\)$/m,
    );
    const json = JSON.parse(asJson.out);
    expect(json).toMatchObject({ mistakes: [], differences: [{ path: "thresholds.budgetWarningPct", line: 1 }] });
    // The others: nobody is reached, by pages and by escalations, since nothing is configured here.
    expect(json.warnings.map(({ line }: { line: number | null }) => line)).toEqual([4, null, null]);
  }, 60_000);

  it("refuses a channel that no page would reach, and says which setting allows it", async () => {
    const NOTIFY_WEBHOOK_SECRET = `whsec_${"A".repeat(32)}`;
    const channel = { NOTIFY_WEBHOOK_URL: "https://10.0.0.5/hook", NOTIFY_WEBHOOK_SECRET };
    const allowed = file("allowed.yaml", "notify: { allowPrivateHosts: true }\n");
    const [refused, told, fine] = await Promise.all([
      runCommandWith(channel, "config", "check"),
      runCommandWith(channel, "notify", "test"),
      runCommandWith(channel, "config", "check", allowed),
    ]);
    const sentence =
      "NOTIFY_WEBHOOK_URL leads into a private network; if that is your own, set notify.allowPrivateHosts";
    expect(refused).toMatchObject({ code: 2, out: expect.stringContaining(`1 mistake\n  ${sentence}`) });
    expect(told).toMatchObject({ code: 2, err: expect.stringContaining(sentence) });
    expect(fine).toMatchObject({ code: 0, out: expect.stringContaining("allowed.yaml is in order") });
  }, 60_000);

  it("calls a short token unwise, by its variable alone", async () => {
    const { code, out } = await runCommandWith({ ADMIN_TOKEN: "adm-short" }, "config", "check");
    expect(code).toBe(0);
    expect(out).toMatch(/probably not meant\n {2}ADMIN_TOKEN is shorter than 16 characters/);
    expect(out).not.toContain("adm-short");
  }, 60_000);
});

describe("tourniquet breaker", () => {
  it("shows a breaker without taking its probe, and closes it", async () => {
    const limits = readSettings(undefined, {}).breaker;
    for (let i = 0; i < 5; i += 1) await stores.breakers.report("a1", limits, { outcome: "failure", probe: null });
    const { code, out } = await runCommand("breaker", "show", "a1");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^a1 {2}open {2}may not proceed: opened at .*, after 5 failures in a row, ask again in \d+ s$/,
      ),
    ]);
    const reset = await runCommand("breaker", "reset", "a1", "--by", "ada", "--reason", "upstream is back");
    expect([reset.code, reset.out]).toEqual([0, "a1: closed"]);
    const json = JSON.parse((await runCommand("breaker", "show", "a1", "--json")).out);
    expect(json).toMatchObject({ state: "closed", mayProceed: true, reason: expect.stringContaining("reset by ada") });
  }, 60_000);
});

describe("tourniquet silence", () => {
  it("is added, listed with what it held back, and ended", async () => {
    const added = await runCommand(
      ...["silence", "add", "--owner", "ada", "--reason", "load test", "--for", "2h", "--agent", "a1", "--json"],
    );
    const silence = JSON.parse(added.out) as { id: string; until: string };
    const leftMs = Date.parse(silence.until) - (await stores.clock.now());
    expect(leftMs).toBeGreaterThan(7_100_000);
    expect(leftMs).toBeLessThanOrEqual(7_200_000);
    const [kept] = (await stores.silences.current()).silences;
    await stores.silences.heldBack(kept!, "sig-1");
    const { out } = await runCommand("silence", "list");
    expect(out).toMatch(new RegExp(`^${silence.id} +active +a1 +any +alerts +20\\S+Z +1 +ada +load test$`, "m"));
    const removed = await runCommand("silence", "remove", silence.id, "--by", "ada");
    expect([removed.code, removed.out]).toEqual([0, `${silence.id} ended`]);
    expect(JSON.parse((await runCommand("silence", "list", "--json")).out)).toMatchObject([{ state: "expired" }]);
  }, 60_000);

  it("that is still to come says so", async () => {
    const from = new Date(Date.now() + 3_600_000).toISOString();
    const add = ["silence", "add", "--owner", "ada", "--reason", "load test", "--for", "1h", "--from", from];
    expect(JSON.parse((await runCommand(...add, "--json")).out)).toMatchObject({ state: "coming", from });
    expect((await runCommand(...add)).out).toContain(` from ${from} until `);
  }, 60_000);

  it("with two ends is refused", async () => {
    const both = ["--for", "2h", "--until", "2026-11-22T23:00:00Z"];
    const { code, err } = await runCommand("silence", "add", "--owner", "ada", "--reason", "r", ...both);
    expect([code, err]).toEqual([2, expect.stringContaining("cannot be used with option '--until <time>'")]);
    expect(JSON.parse((await runCommand("silence", "list", "--json")).out)).not.toMatchObject([{ state: "active" }]);
  }, 60_000);

  it("says in its help what is required", async () => {
    const { out } = await runCommand("silence", "add", "--help");
    expect(out).toMatch(/--owner <name> +who answers for it \(required\)\n/);
    expect(out.match(/\(required\)/g)).toHaveLength(2);
  }, 60_000);

  it("without an end, or with one that is past, says what is missing", async () => {
    const add = ["silence", "add", "--owner", "ada", "--reason", "r"];
    const [open, past] = await Promise.all([runCommand(...add), runCommand(...add, "--until", "2020-01-01T00:00:00Z")]);
    expect([open.code, open.err]).toEqual([2, expect.stringContaining("until must be a time with its zone")]);
    expect([past.code, past.err]).toEqual([2, expect.stringContaining("until is past")]);
  }, 60_000);
});
