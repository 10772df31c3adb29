import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { runCommand } from "./run-command.ts";

const EVIL = "a\u001b[2J\u001b]0;owned\u0007\r\nFAKE  P3  resolved\u009b31m";
const SEEN = "a\\u001b[2J\\u001b]0;owned\\u0007\\r\\nFAKE  P3  resolved\\u009b31m";

let stores: Stores;
let incidentId: string;
beforeAll(async () => {
  stores = await openStores();
  const request = openRequest({ agentId: EVIL });
  const why = { ...request.signal.why, sentence: `pays ${EVIL} again and again` };
  ({ incidentId } = await stores.incidents.open({ ...request, signal: { ...request.signal, agentId: EVIL, why } }));
  // Refused, and on the trail.
  await runCommand("breaker", "reset", EVIL, "--by", "ada", "--reason", "upstream is back");
});
afterAll(() => stores.close());

describe("an agent whose id and payee are full of escapes", () => {
  it.each([
    [["incidents", "list"], () => [] as string[]],
    [["incidents", "show"], () => [incidentId]],
    [["fleet", "status"], () => []],
    [["audit", "list"], () => []],
  ])("forges neither a line nor a colour in %j", async (command, more) => {
    const { out, err } = await runCommand(...command, ...more());
    expect(`${out}\n${err}`).not.toMatch(/[\p{Cc}--\n]/v);
    expect(out.split("\n").filter((line) => line.startsWith("FAKE"))).toEqual([]);
    expect(`${out}\n${err}`).toContain(SEEN);
  });

  it("is as it is in JSON", async () => {
    const { out } = await runCommand("incidents", "show", incidentId, "--json");
    expect(JSON.parse(out).agentId).toBe(EVIL);
  });
});

describe("who and why", () => {
  it.each([
    [
      "by",
      ["--by", "ada\u001b[31m", "--reason", "upstream is back"],
      "by must have no control characters and none that nobody sees",
    ],
    [
      "by",
      ["--by", "ada\nbo", "--reason", "upstream is back"],
      "by must have no control characters and none that nobody sees",
    ],
    ["reason", ["--by", "ada", "--reason", "is\rback"], "reason must have no control characters but line breaks"],
  ])("are refused with escapes in %s", async (_, said, problem) => {
    const { code, err } = await runCommand("breaker", "reset", "a", ...said);
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
  });

  it("may have a reason of several lines", async () => {
    expect((await runCommand("breaker", "reset", "a", "--by", "ada", "--reason", "one\ntwo")).code).toBe(0);
  });
});
