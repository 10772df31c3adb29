import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentWith } from "../../src/config.ts";
import { FloodGuard } from "../../src/http/flood-guard.ts";
import { createWebhookHandler } from "../../src/http/webhook.ts";
import { createWorld, everyWorker, type World } from "../support/world.ts";
import { type CommandRun, runCommandWith } from "./run-command.ts";

const SECRET = `whsec_${Buffer.from("commands".repeat(4)).toString("base64")}`;
let world: World;
let receiver: Server;
let url: string;
let environment: Record<string, string>;
const ran: Record<string, CommandRun> = {};
const run = (...args: readonly string[]) => runCommandWith(environment, ...args);

beforeAll(async () => {
  world = await createWorld({ workers: everyWorker });
  await world.admin.placeAgent("agent-7");
  const { inbox, settings, log, config } = world.services;
  const ports = { inbox, settings, log, webhookSecrets: [SECRET], flood: new FloodGuard(), answered: () => undefined };
  receiver = createServer(createWebhookHandler(ports));
  await once(receiver.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/greenhelix`;
  environment = {
    REDIS_URL: config.redisUrl,
    GREENHELIX_BASE_URL: world.sandbox.url,
    GREENHELIX_API_KEY: "sandbox-admin-tests",
    GREENHELIX_WEBHOOK_SECRETS: SECRET,
    GREENHELIX_AGENT_ID: "responder-1",
    PUBLIC_URL: "",
  };
  ran.register = await run("register", "--url", url);
  ran.contain = await run("contain", "agent-7", "--by", "ada", "--reason", "buys in circles");
  const asked: Record<string, readonly string[]> = {
    again: ["register", "--url", url, "--json"],
    nowhere: ["register", "--url", "http://127.0.0.1:9/webhooks/greenhelix"],
    noUrl: ["register"],
    wrongUrl: ["register", "--url", "https://example.com/hook"],
    repeated: ["contain", "agent-7", "--by", "grace", "--reason", "the same", "--json"],
    unknown: ["contain", "agent-77", "--by", "ada", "--reason", "x"],
    own: ["contain", "responder-1", "--by", "ada", "--reason", "x"],
    doctor: ["doctor", "--json"],
    version: ["--version"],
    misspelt: ["incident", "list"],
    nothing: [],
  };
  await Promise.all(
    Object.entries(asked).map(async ([name, args]) => {
      ran[name] = await run(...args);
    }),
  );
}, 110_000);
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await world.close();
});

describe("tourniquet register", () => {
  it("says of each type of event what is proved, and ends with 0", () => {
    expect(ran.register!.code).toBe(0);
    for (const type of ["budget_threshold", "escrow_state_change", "reputation_change"])
      expect(ran.register!.out).toMatch(new RegExp(`^${type} +whk-\\w+ +yes \\(202\\) +verified +\\d+ ms$`, "m"));
  });

  it("changes nothing the second time, and never shows the secret", () => {
    expect(JSON.parse(ran.again!.out)).toMatchObject({ changes: [], problems: [] });
    expect(JSON.stringify(ran)).not.toContain(SECRET);
  });

  it("ends with 1 where the ping does not arrive, and says how to mend it", () => {
    expect(ran.nowhere).toMatchObject({ code: 1, out: expect.stringContaining("must run and be reachable") });
  });

  it("ends with 2 without an address, or with one that nobody answers to", () => {
    expect(ran.noUrl).toMatchObject({ code: 2, err: expect.stringContaining("or set PUBLIC_URL") });
    expect(ran.wrongUrl).toMatchObject({ code: 2, err: expect.stringContaining("end it in /webhooks/greenhelix") });
  });

  it("stands in the audit trail", async () => {
    const actions = (await world.services.audit.list(20)).map(({ action }) => action);
    expect(actions).toContain("registerWebhook");
    expect(actions).toContain("containAgent");
  });
});

describe("tourniquet contain", () => {
  it("waits until the freeze is in effect, and says after how long", () => {
    expect(ran.contain).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^agent-7 is held back: in effect after \d+ ms\n/),
    });
  });

  it("done again is the same incident", async () => {
    const [incident, ...others] = await world.services.incidents.list(10);
    expect(JSON.parse(ran.repeated!.out)).toMatchObject({
      incidentId: incident!.id,
      isInEffect: true,
      effectMs: null,
    });
    expect([others, incident!.decidedBy]).toEqual([[], "order of ada: buys in circles"]);
  });

  it("refuses whom nobody knows, and the agent that the key belongs to", () => {
    expect(ran.unknown).toMatchObject({ code: 1, err: expect.stringContaining("no agent agent-77") });
    expect(ran.own).toMatchObject({ code: 1, err: expect.stringContaining("whose key contains the others") });
  });
});

describe("tourniquet doctor", () => {
  it("ends with 1 where an item fails, and names each with how to mend it", () => {
    expect(ran.doctor!.code).toBe(1);
    const { isReady, counts, findings } = JSON.parse(ran.doctor!.out);
    expect([isReady, counts.ok + counts.warn + counts.fail]).toEqual([false, findings.length]);
    const people = findings.find(({ id }: { id: string }) => id === "people");
    expect(people).toMatchObject({ state: "fail", mend: expect.stringContaining("SLACK_WEBHOOK_URL") });
  });
});

describe("the command line", () => {
  it("says its version, and what was meant", () => {
    expect(ran.version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(ran.misspelt).toMatchObject({ code: 2, err: expect.stringContaining("(Did you mean incidents?)") });
    expect(ran.nothing).toMatchObject({ code: 2, err: expect.stringContaining("Usage: tourniquet") });
  });

  it("is in colour only where that is wanted", async () => {
    const [plain, forced] = await Promise.all([
      run("register", "--url", url),
      runCommandWith({ ...environment, FORCE_COLOR: "1" }, "register", "--url", url),
    ]);
    expect([plain.out.includes("\u001b["), forced.out.includes("\u001b[")]).toEqual([false, true]);
  });

  it("ends quietly where nobody reads on", async () => {
    const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--help"], {
      env: environmentWith(environment),
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    const [code] = await once(child, "exit");
    expect([code, err]).toEqual([0, ""]);
  });
});
