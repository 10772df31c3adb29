import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { joinCascade } from "../../src/detect/cascade.ts";
import { cascadePorts, critical, decided } from "../detect/cascade/fleet-ports.ts";
import { tellingOf } from "../redis/deliveries.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
import { type CommandRun, runCommand, runCommandWith } from "./run-command.ts";

const because = ["--by", "ada", "--reason", "planned purchase"];
const mended = ["--by", "ada", "--root-cause", "loop", "--fix", "v2.3"];
const caps = ["--daily", "500.00", "--monthly", "none"];
let stores: Stores;
let folder: string;
let id: string;
let cascadeId: string;
let file: string;
beforeAll(async () => {
  stores = await openStores();
  folder = mkdtempSync(join(tmpdir(), "tourniquet-on-call-"));
  file = join(folder, "tourniquet.yaml");
  writeFileSync(file, "cascade: { agents: many }\n");
  id = (await stores.incidents.open(openRequest({ agentId: "agent-7" }))).incidentId;
  await nobodySawCaps(stores, id);
  await stores.inbox.accept(tellingOf("heard-of"));
  for (const agentId of ["a", "b"])
    await joinCascade(cascadePorts(stores), await decided(stores, critical(agentId, Date.now() - 60_000)));
  cascadeId = (await stores.cascades.list(1))[0]!.id;
}, 60_000);
afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

/** As `runCommand`, with a settings file that has a mistake, and in another terminal than the one that has the keys. */
function withBrokenSettings(...args: readonly string[]): Promise<CommandRun> {
  const REDIS_URL = `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;
  return runCommandWith({ REDIS_URL, TOURNIQUET_CONFIG: file, PARTITIONS: "1" }, ...args);
}

describe("a settings file with a mistake", () => {
  it("keeps nobody from what needs Redis alone: it is said, and so is what the answer lacks", async () => {
    const [list, ack, status, silences, standDown] = await Promise.all([
      withBrokenSettings("incidents", "list", "--json"),
      withBrokenSettings("incidents", "ack", id, "--by", "ada"),
      withBrokenSettings("fleet", "status"),
      withBrokenSettings("silence", "list"),
      withBrokenSettings("incidents", "stand-down", id, ...because),
    ]);
    expect(JSON.parse(list.out)).toMatchObject([{ id }]);
    expect(ack.out).toBe(`${id} is taken on by ada`);
    expect(status.out).toContain(id);
    expect(standDown).toMatchObject({ code: 1, err: expect.stringContaining("Nobody saw the caps of agent-7") });
    for (const { code } of [list, ack, status, silences]) expect(code).toBe(0);
    for (const { err } of [list, ack, status, silences, standDown])
      expect(err).toContain(`${file} line 1: cascade.agents must be a whole number`);
    expect(list.err).toMatch(/This command does without the settings\.$/);
    expect(silences.err).toContain("does without the settings; missing is the silences of the file.");
    expect(status.err).toContain("missing is agents that the settings alone name");
  }, 60_000);

  it("ends what would answer wrongly by the defaults, with 2", async () => {
    const all = await Promise.all([
      withBrokenSettings("incidents", "recover", id, ...mended),
      withBrokenSettings("fleet", "shutdown", ...because),
      withBrokenSettings("fleet", "approve", "shutdown", ...because),
      withBrokenSettings("breaker", "show", "agent-7"),
      withBrokenSettings("config", "show"),
    ]);
    for (const { code, out, err } of all) {
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain("cascade.agents must be a whole number");
    }
    expect(await stores.fleet.shutdown()).toBeNull();
  }, 60_000);
});

describe("what was not said", () => {
  it("is refused before anything is done: who, why, one cap of two", async () => {
    const [nobody, noReason, oneCap, fleet] = await Promise.all([
      runCommand("incidents", "stand-down", id, "--by", "", "--reason", "x", ...caps),
      runCommand("incidents", "stand-down", id, "--by", "ada", "--reason", " ", ...caps),
      runCommand("incidents", "stand-down", id, ...because, "--daily", "500.00"),
      runCommand("fleet", "shutdown", "--by", "", "--reason", ""),
    ]);
    expect(nobody).toMatchObject({ code: 2, err: "tourniquet: Who and why must be said: by must say who." });
    expect(noReason).toMatchObject({ code: 2, err: "tourniquet: Who and why must be said: reason must say why." });
    expect(oneCap).toMatchObject({ code: 2, err: expect.stringContaining("say both --daily and --monthly") });
    expect(fleet.err).toBe("tourniquet: Who and why must be said: by must say who; reason must say why.");
    expect(await stores.incidents.load(id)).toMatchObject({ standDown: null });
    expect(await stores.fleet.shutdown()).toBeNull();
  }, 60_000);

  it("is named with the help of that very command", async () => {
    const { code, err } = await runCommand("incidents", "stand-down", id, "--by", "ada");
    expect(code).toBe(2);
    expect(err).toContain("(npx tourniquet incidents stand-down --help says what it takes)");
  }, 60_000);
});

describe("an id that names no incident", () => {
  it("is answered with where those that there are can be seen", async () => {
    const [nope, empty, cascade] = await Promise.all([
      runCommand("incidents", "stand-down", "nope", ...because),
      runCommand("incidents", "show", ""),
      runCommand("incidents", "show", cascadeId),
    ]);
    const list = "npx tourniquet incidents list shows them";
    expect(nope).toMatchObject({ code: 1, err: `tourniquet: no incident nope: ${list}` });
    expect(empty).toMatchObject({ code: 1, err: `tourniquet: an incident's id must be said: ${list}` });
    expect(cascade.err).toBe(`tourniquet: ${cascadeId} is a cascade: npx tourniquet cascades show ${cascadeId}`);
  }, 60_000);
});

describe("tourniquet cascades", () => {
  it("lists them, and shows who belongs to one, why, and in which order they recover", async () => {
    const [list, show, json, unknown] = await Promise.all([
      runCommand("cascades", "list"),
      runCommand("cascades", "show", cascadeId),
      runCommand("cascades", "show", cascadeId, "--json"),
      runCommand("cascades", "show", "cas-99"),
    ]);
    expect(list.out).toMatch(/^ID +STATUS +AGENTS +ROOT CAUSE .*\n/);
    expect(list.out).toMatch(new RegExp(`^${cascadeId} +open +2 +a +0.00`, "m"));
    for (const part of ["root cause  a: ", "shared wallet ops", "  1. a\n  2. b, after a"])
      expect(show.out).toContain(part);
    expect(JSON.parse(json.out)).toMatchObject({ id: cascadeId, recoveryOrder: [{ agentId: "a" }, { after: ["a"] }] });
    expect(unknown).toMatchObject({
      code: 1,
      err: "tourniquet: no cascade cas-99: npx tourniquet cascades list shows them",
    });
  }, 60_000);
});

describe("tourniquet fleet shutdown", () => {
  it("names whom it freezes, and whom it does not reach", async () => {
    const { out } = await runCommand("fleet", "shutdown", ...because);
    expect(out.split("\n")).toEqual([
      "shutdown-1: freezing 1 agent: agent-7",
      "not reached, since no settings name them: 1 agent: heard-of (npx tourniquet contain <agent> freezes one)",
    ]);
  }, 60_000);
});
