import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyLedger } from "../../src/learn/ledger/verify.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { runCommand } from "./run-command.ts";

let stores: Stores;
const folder = mkdtempSync(join(tmpdir(), "tourniquet-audit-"));
beforeAll(async () => {
  stores = await openStores();
});
afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

describe("tourniquet audit", () => {
  it("tells who changed what from the command line, on which machine, what was refused, and exports it to be verified", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "a" }));
    await runCommand("incidents", "ack", incidentId, "--by", "ada");
    await runCommand("breaker", "reset", "a", "--by", "bo", "--reason", "upstream is back");
    const unknown = ["incidents", "stand-down", "inc-0-abcdefabcdef-9", "--by", "ada", "--reason", "planned"];
    expect((await runCommand(...unknown)).code).not.toBe(0);
    const file = join(folder, "audit.json");
    const [table, json, exported] = await Promise.all([
      runCommand("audit", "list"),
      runCommand("audit", "list", "--json", "--limit", "2"),
      runCommand("audit", "export", "--out", file),
    ]);
    const [, newest, ...older] = table.out.split("\n");
    expect(newest).toMatch(/^5 .* ada +cli, user \S+ +standDownIncident +inc-0-abcdefabcdef-9 +refused not-found$/);
    expect(older).toEqual([
      expect.stringMatching(/^3 .* bo .* resetBreaker +a +ok$/),
      expect.stringContaining(incidentId),
    ]);
    expect(JSON.parse(json.out)).toMatchObject([
      { action: "standDownIncident", fields: { reason: "planned" }, outcome: { result: "refused" } },
      { action: "resetBreaker", role: "operator", credential: expect.stringContaining(userInfo().username) },
    ]);
    expect([exported.code, verifyLedger(readFileSync(file, "utf8"))]).toEqual([
      0,
      expect.objectContaining({ verdict: "whole", entries: 6 }),
    ]);
  }, 60_000);

  it("names a limit that is none", async () => {
    const { code, err } = await runCommand("audit", "list", "--limit", "501");
    expect([code > 0, err]).toEqual([true, expect.stringContaining("must be a whole number from 1 to 500")]);
  });
});
