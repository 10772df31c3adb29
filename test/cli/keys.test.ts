import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { checkKey, type KeyReport } from "../../src/contain/key-check.ts";
import { keylessAgents, keysToCheck, warnOfOwnKey } from "../../src/gateway-access.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { type SandboxAdmin, sandboxAdmin } from "../support/sandbox-admin.ts";
import { runCommandWith } from "./run-command.ts";

const READ_ONLY = "a2a_pro_aaaaaaaaaaaaaaaaaaaaaaaa";
const WRONG = "a2a_pro_bbbbbbbbbbbbbbbbbbbbbbbb";
const fleet = "fleet: { agents: [{ id: procurement-7 }, { id: travel-2 }] }\n";
const own = (agentId: string) => `sandbox-agent-${agentId}`;

describe.each(["rest", "tools"] as const)("keys at a gateway of the %s form", (dialect) => {
  let sandbox: Sandbox;
  let admin: SandboxAdmin;
  beforeAll(async () => {
    const apiKeys = [{ token: READ_ONLY, agentId: "procurement-7", scopes: ["read"] as const }];
    sandbox = await startSandbox({ apiKeys, closesAfterErrors: false });
    admin = sandboxAdmin(sandbox.url);
    for (const agent of ["procurement-7", "travel-2"]) await admin.placeAgent(agent);
  });
  afterAll(() => sandbox.close());

  /** keys: variable -> value; yaml names them. */
  async function check(
    yaml: string,
    env: Record<string, string>,
    config: Record<string, string> = {},
  ): Promise<KeyReport[]> {
    const settings = readSettings(`${fleet}${yaml}`, env);
    const address = { GREENHELIX_BASE_URL: sandbox.url, GREENHELIX_DIALECT: dialect };
    const reports: KeyReport[] = [];
    for (const key of keysToCheck(readConfig({ ...address, ...config }), settings)) {
      reports.push(await checkKey(key));
      await key.gateway.close();
    }
    return reports;
  }
  const perAgent = "keys: { agents: { procurement-7: { env: KEY_A }, travel-2: { env: KEY_B } } }";

  it("with the admin scope contain whatever agent is watched", async () => {
    expect(await check("", {}, { GREENHELIX_API_KEY: "sandbox-admin-x" })).toEqual([
      {
        name: "containment",
        from: "variable GREENHELIX_API_KEY",
        agents: ["procurement-7", "travel-2"],
        reads: ["procurement-7"],
        mayWrite: "yes",
        isAdmin: "yes",
        problems: [],
        notes: [],
      },
    ]);
  });

  it("of the agents themselves do their work, each for its own agent", async () => {
    const reports = await check(perAgent, { KEY_A: own("procurement-7"), KEY_B: own("travel-2") });
    expect(reports).toMatchObject([
      {
        name: "procurement-7",
        from: "variable KEY_A",
        reads: ["procurement-7"],
        mayWrite: "yes",
        isAdmin: "no",
        problems: [],
      },
      { name: "travel-2", from: "variable KEY_B", reads: ["travel-2"], mayWrite: "yes", isAdmin: "no", problems: [] },
    ]);
  });

  it("that are interchanged act for nobody", async () => {
    const [report] = await check(perAgent, { KEY_A: own("travel-2"), KEY_B: own("travel-2") });
    expect(report!.problems).toEqual(["it may not read the budget of procurement-7, nor set it to zero"]);
  });

  it("that may only read can neither freeze nor cancel", async () => {
    const [report] = await check(perAgent, { KEY_A: READ_ONLY, KEY_B: own("travel-2") });
    expect(report).toMatchObject({ reads: ["procurement-7"], mayWrite: "no" });
    expect(report!.problems).toEqual(["it may only read: it can neither freeze nor cancel"]);
  });

  it("nobody knows are called that", async () => {
    const [report] = await check("", {}, { GREENHELIX_API_KEY: WRONG });
    expect(report).toMatchObject({ reads: [], mayWrite: "unknown", isAdmin: "unknown" });
    expect(report!.problems).toEqual(["the gateway does not know this key"]);
  });

  it("of a watched agent are no containment key: measured by what they may read", async () => {
    const [report] = await check("", {}, { GREENHELIX_API_KEY: own("travel-2") });
    expect(report!.problems.join("; ")).toMatch(/it is the own key of travel-2, which it is to contain/);
    expect(report!.problems.join("; ")).toMatch(/may not read the budget of procurement-7/);
  });

  it("of a watched agent are no containment key: by GREENHELIX_AGENT_ID, and by being the same", async () => {
    const admin = { GREENHELIX_API_KEY: "sandbox-admin-x" };
    const [byId] = await check("", {}, { ...admin, GREENHELIX_AGENT_ID: "travel-2" });
    expect(byId!.problems.join()).toMatch(/own key of travel-2/);
    const [same] = await check("keys: { agents: { travel-2: { env: KEY_B } } }", { KEY_B: "sandbox-admin-x" }, admin);
    expect(same!.problems.join()).toMatch(/own key of travel-2/);
  });

  it("are tried without changing anything", async () => {
    const before = await admin.effects();
    await check(perAgent, { KEY_A: own("procurement-7"), KEY_B: READ_ONLY }, { GREENHELIX_API_KEY: "sandbox-admin-x" });
    expect(await admin.effects()).toEqual(before);
  });
});

describe("tourniquet keys check", () => {
  let sandbox: Sandbox;
  let folder: string;
  beforeAll(async () => {
    sandbox = await startSandbox();
    await sandboxAdmin(sandbox.url).placeAgent("travel-2");
    folder = mkdtempSync(join(tmpdir(), "tourniquet-keys-"));
    writeFileSync(join(folder, "key"), `${own("travel-2")}\n`);
    writeFileSync(
      join(folder, "tourniquet.yaml"),
      `fleet: { agents: [{ id: travel-2 }] }\nkeys: { agents: { travel-2: { file: ${join(folder, "key")} } } }\n`,
    );
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (env: Record<string, string>, ...args: string[]) =>
    runCommandWith({ GREENHELIX_BASE_URL: sandbox.url, ...env }, "keys", "check", ...args);

  it("says where each key is from and what it may do, never the key, and needs no Redis", async () => {
    const env = { TOURNIQUET_CONFIG: join(folder, "tourniquet.yaml"), REDIS_URL: "redis://127.0.0.1:1" };
    const { code, out, err } = await run(env);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`ok      travel-2 (file ${join(folder, "key")})`);
    expect(out).toContain("acts for travel-2; reads travel-2; freezes and cancels: yes; admin: no");
    expect(out).not.toContain(own("travel-2"));
  }, 30_000);

  it("ends with status 1 where a key cannot do its work, and says so as JSON", async () => {
    const { code, out } = await run({ GREENHELIX_API_KEY: WRONG }, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isFit: false,
      keys: [{ problems: ["the gateway does not know this key"] }],
    });
    expect(out).not.toContain(WRONG);
  }, 30_000);
});

describe("an agent for which no key acts", () => {
  it("is one without a key of its own while there is no containment key", () => {
    const settings = readSettings(`${fleet}keys: { agents: { travel-2: { env: KEY_B } } }`, { KEY_B: "k" });
    expect(keylessAgents(readConfig({}), settings)).toEqual(["procurement-7"]);
    expect(keylessAgents(readConfig({ GREENHELIX_API_KEY: "k" }), settings)).toEqual([]);
  });
});

describe("at the start", () => {
  it.each([
    ["travel-2", "", 1],
    ["responder", "", 0],
    ["travel-2", "keys: { agents: { travel-2: { env: KEY_B } } }", 0],
  ])("a containment key of %s (%s) is warned of %i times", (agentId, keys, warnings) => {
    const lines: Record<string, unknown>[] = [];
    const line = (fields: Record<string, unknown>) => void lines.push(fields);
    const log = { info: line, warn: line, error: line };
    const settings = readSettings(`${fleet}${keys}`, { KEY_B: "k" });
    warnOfOwnKey(readConfig({ GREENHELIX_AGENT_ID: agentId }), settings, log);
    expect(lines).toHaveLength(warnings);
  });
});
