import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

let stores: Stores;
let mine: string;
let taken: string;
let over: string;
let ran: Record<"ack" | "json" | "over" | "unknown" | "cascade", CommandRun>;
beforeAll(async () => {
  stores = await openStores();
  const open = async (agentId: string) => (await stores.incidents.open(openRequest({ agentId }))).incidentId;
  mine = await open("agent-7");
  taken = await open("agent-8");
  over = await open("agent-9");
  await stores.escalations.acknowledge(taken, "bob");
  await stores.incidents.setStatus(over, "stood-down", "recover", {});
  // A process takes a second to start: all of them at once, before the first look.
  const [ack, json, isOver, unknown, cascade] = await Promise.all(
    [
      [mine, "--by", "ada"],
      [taken, "--by", "ada", "--json"],
      [over, "--by", "ada"],
    ]
      .concat([
        ["inc-0-aaaaaaaaaaaa-9", "--by", "ada"],
        ["cas-9", "--by", "ada"],
      ])
      .map((args) => runCommand("incidents", "ack", ...args)),
  );
  ran = { ack: ack!, json: json!, over: isOver!, unknown: unknown!, cascade: cascade! };
}, 60_000);
afterAll(() => stores.close());

describe("tourniquet incidents ack", () => {
  it("takes an incident on in somebody's name", async () => {
    expect([ran.ack.code, ran.ack.out]).toEqual([0, `${mine} is taken on by ada`]);
    expect(await stores.incidents.load(mine)).toMatchObject({ acknowledged: { by: "ada" } });
  });

  it("says who has it where somebody was first, and with --json what the API says", () => {
    expect(ran.json.code).toBe(0);
    expect(JSON.parse(ran.json.out)).toEqual([
      { incidentId: taken, status: "acknowledged-before", by: "bob", at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  it.each([
    ["over", (): string => `tourniquet: ${over} is over already.`],
    ["unknown", (): string => "tourniquet: There is no incident inc-0-aaaaaaaaaaaa-9."],
    ["cascade", (): string => "tourniquet: There is no cascade cas-9."],
  ] as const)("answers in one line, and with 1, where it cannot: %s", (which, expected) => {
    const { code, out, err } = ran[which];
    expect([code, out, err]).toEqual([1, "", expected()]);
  });
});
