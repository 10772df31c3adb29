import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { incidents } from "../../src/cli/commands/incidents.ts";
import { incidentLines, incidentTable } from "../../src/cli/incident-text.ts";
import { money } from "../../src/incident/money.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const because = ["--by", "ada", "--reason", "planned purchase"];
let stores: Stores;
let id: string;
let calledOff: string;
let over: string;
/** A process takes a second to start: all of them at once, before the first look. */
let ran: Record<
  "list" | "json" | "show" | "stale" | "standDown" | "over" | "unknown" | "nonsense" | "capless",
  CommandRun
>;
beforeAll(async () => {
  stores = await openStores();
  const open = async (agentId: string) => (await stores.incidents.open(openRequest({ agentId }))).incidentId;
  id = await open("agent-7");
  calledOff = await open("agent-8");
  for (const one of [id, calledOff]) await nobodySawCaps(stores, one);
  const { why } = aSignal();
  const order = { kind: "containment-order", why: { ...why, sentence: "eve ordered it: it spends on" } } as const;
  for (const given of [{}, order]) await stores.incidents.open(openRequest({ agentId: "agent-8", ...given }));
  over = await open("agent-9");
  await stores.incidents.setStatus(over, "stood-down", "recover", {});
  const record = { payee: "flaky-upstream", amount: "150.00", reason: "" };
  await stores.incidents.recordEscrows(id, [
    { escrowId: "esc-1", result: "recovered", ...record },
    { escrowId: "esc-2", result: "lost", ...record },
  ]);
  const seen = [...because, "--daily", "1000000.00", "--monthly", "none", "--joined", "1"];
  const stale = await runCommand("incidents", "stand-down", calledOff, ...seen);
  const [list, json, show, standDown, isOver, unknown, nonsense, capless] = await Promise.all([
    runCommand("incidents", "list"),
    runCommand("incidents", "list", "--json", "--limit", "1"),
    runCommand("incidents", "show", id, "--json"),
    runCommand("incidents", "stand-down", calledOff, ...because, "--daily", "500.00", "--monthly", "none"),
    runCommand("incidents", "stand-down", over, ...because),
    runCommand("incidents", "show", "inc-0-aaaaaaaaaaaa-9"),
    runCommand("incidents", "stand-down", "nonsense", ...because),
    runCommand("incidents", "stand-down", id, ...because),
  ]);
  ran = { list, json, show, stale, standDown, over: isOver, unknown, nonsense, capless };
}, 60_000);
afterAll(() => stores.close());

describe("tourniquet incidents list", () => {
  it("shows one line an incident, newest first, with its dollars", () => {
    const { code, out } = ran.list;
    expect(code).toBe(0);
    const [head, newest, , oldest] = out.split("\n");
    expect(head).toMatch(/^ID +PRIO +STATUS +AGENT +RUNBOOK +LOCKED +RECOVERED +LOST +OPENED +TAKEN ON BY$/);
    expect(newest).toMatch(
      new RegExp(`^${over} +P0 +stood-down +agent-9 +runaway-spending +not counted +0.00 +0.00 +20`),
    );
    expect(oldest).toMatch(
      new RegExp(`^${id} +P0 +detected +agent-7 +runaway-spending +300.00 or more +150.00 +150.00 +20`),
    );
  });

  it("with --json is a JSON array of the same, times as ISO 8601, at most as many as asked for", () => {
    const { code, out } = ran.json;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      { agentId: "agent-9", openedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), effectiveAt: null, steps: [] },
    ]);
  });

  it("says so where there is nothing to list", () => {
    expect(incidentTable([])).toBe("no incidents");
  });
});

describe("tourniquet incidents show", () => {
  it("tells an engineer at night what happened, why, how much, and what is left to do", async () => {
    const text = incidentLines((await stores.incidents.view(id))!);
    for (const part of [
      `${id}  P0  detected`,
      "8 escrows of 150.00 to flaky-upstream within 15 s",
      "rule identical-escrows v1",
      "default policy: critical -> auto-contain",
      "locked 300.00, recovered 150.00, lost 150.00",
      "effective not yet",
      "incident-opened",
      "left to do",
    ])
      expect(text).toContain(part);
    expect(text).not.toContain("breached");
  });

  it("says one reason once, counts from detection, and of a step that a person must do never that it was done", async () => {
    const view = (await stores.incidents.view(id))!;
    const again = { ...view.signals[0]!, id: "sig-again", why: { ...view.signals[0]!.why, sentence: "9 escrows" } };
    const result = { byHand: "agent control does not run it: pause it by hand" };
    const step = { step: "pause-agent", status: "done", at: 1, result } as const;
    // In effect: one whose freeze has not come after five seconds is to be frozen by hand first, and this machine may be slow.
    const frozen = { ...view, effectiveAt: view.openedAt };
    const lines = incidentLines({ ...frozen, signals: [...view.signals, again], steps: [step] }).split("\n");
    expect(lines.filter((line) => line.startsWith("why"))).toEqual([
      expect.stringMatching(/^why +8 escrows of .*; 1 more of this kind\]$/),
    ]);
    expect(lines.find((line) => line.includes("pause-agent"))).toMatch(/^ {2}by hand pause-agent/);
    expect(lines.slice(lines.indexOf("left to do"))[1]).toBe(
      "  - By hand on agent-7: pause it (agent control does not run it)",
    );
    expect(incidentLines({ ...view, requestedAt: view.receivedAt + 48 })).toContain(
      "requested 0.048 s after detection",
    );
  });

  it("with --json is one JSON object with what the API shows", () => {
    expect(ran.show.code).toBe(0);
    expect(JSON.parse(ran.show.out)).toMatchObject({
      id,
      agentId: "agent-7",
      dollars: { locked: "300.00", recovered: "150.00", lost: "150.00" },
      timeline: [
        { phase: "detect", what: "incident-opened", at: expect.stringMatching(/Z$/) },
        { phase: "contain", what: "step-done" },
      ],
    });
  });
});

describe("tourniquet incidents stand-down", () => {
  it("asks for it in somebody's name, and hands it to the recovery worker", async () => {
    expect(ran.standDown.code).toBe(0);
    expect(ran.standDown.out.split("\n")).toEqual([
      `standing down ${calledOff}: agent-8 was contained for`,
      expect.stringMatching(/^ {2}escrow-burst: .*; 1 more of this kind before$/),
      "  containment-order: eve ordered it: it spends on",
      `npx tourniquet incidents show ${calledOff} tells when the caps are back`,
    ]);
    const incident = await stores.incidents.load(calledOff);
    expect(incident?.standDown).toMatchObject({ by: "ada", reason: "planned purchase" });
    expect(await stores.caps.snapshot("agent-8", calledOff)).toMatchObject({
      dailyCap: money("500.00"),
      source: "said",
    });
    const waiting = await stores.redis.lrange("{tq:0}:recovery:wait", 0, -1);
    expect(waiting).toEqual([expect.stringMatching(new RegExp(`^recovery-${calledOff}-`))]);
  });
});

describe("a stand-down by somebody who has seen less than there is by now", () => {
  it("is refused, and the caps said with it are not those that come back", () => {
    const { code, out, err } = ran.stale;
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      `tourniquet: Something joined ${calledOff} this very moment, and nothing was stood down: look what it is, and ask again.`,
    );
    expect(ran.standDown.code).toBe(0);
  });

  it("is told, where another asked before, that nothing was changed", async () => {
    const { code, out } = await runCommand("incidents", "stand-down", calledOff, ...because);
    expect([code, out]).toEqual([0, `${calledOff} was being stood down already; nothing was changed`]);
  });
});

describe("what cannot be done", () => {
  it.each([
    ["over", (): string => `tourniquet: ${over} is over already.`],
    ["unknown", (): string => "tourniquet: no incident inc-0-aaaaaaaaaaaa-9: npx tourniquet incidents list shows them"],
    [
      "capless",
      (): string =>
        'tourniquet: Nobody saw the caps of agent-7 before the freeze: say what to restore, daily and monthly, each an amount or "none".',
    ],
    ["nonsense", (): string => "tourniquet: no incident nonsense: npx tourniquet incidents list shows them"],
  ] as const)("is answered in one line, and with 1: %s", (which, expected) => {
    const { code, out, err } = ran[which];
    expect([code, out, err]).toEqual([1, "", expected()]);
  });

  it.each([
    [["list", "--limit=0"], /must be a whole number from 1 to 9999/],
    [["list", "--limit=-1"], /must be a whole number from 1 to 9999/],
    [["list", "--limit=1.5"], /must be a whole number from 1 to 9999/],
    [["list", "--limit=10000"], /must be a whole number from 1 to 9999/],
    [["list", "--limit=many"], /must be a whole number from 1 to 9999/],
    [["stand-down", "inc-0-a-1", "--by", "ada"], /--reason/],
    [["stand-down", "inc-0-a-1", "--reason", "x"], /--by/],
    [["stand-down", "inc-0-a-1", ...because, "--joined", "-1"], /must be a whole number, 0 or more/],
    [["stand-down", "inc-0-a-1", ...because, "--daily", "1e3", "--monthly", "-0"], /--daily must.*; --monthly must/],
    [["show"], /missing required argument 'id'/],
  ])("is refused before Redis is asked: %j", async (args, expected) => {
    const program = new Command("tourniquet");
    incidents(program);
    for (const command of [program, ...program.commands.flatMap((group) => [group, ...group.commands])])
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(program.parseAsync(["incidents", ...args], { from: "user" })).rejects.toThrow(expected);
  });
});
