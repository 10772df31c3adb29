import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { incidents } from "../../src/cli/commands/incidents.ts";
import { money } from "../../src/incident/money.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { aRecoveryAt } from "../support/recoveries.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const order = ["--by", "ada", "--root-cause", "retry loop", "--fix", "v2.3"];
let stores: Stores;
let ids: Record<"asked" | "uncapped" | "json" | "recovering" | "open", string>;
let ran: Record<"asked" | "json" | "open" | "unknown" | "list" | "show" | "again" | "uncapped", CommandRun>;
beforeAll(async () => {
  stores = await openStores();
  const contained = async (agentId: string, cascadeId?: string, signal = aSignal({ agentId })) => {
    const { incidentId } = await stores.incidents.open(openRequest(signal, { cascadeId }));
    const before = { dailyCap: money("500.00"), monthlyCap: null, alertThreshold: 0.8 };
    if (cascadeId) await stores.caps.takeSnapshot(agentId, incidentId, before, "gateway");
    for (const status of ["containing", "contained"] as const)
      await stores.incidents.setStatus(incidentId, status, "contain", {});
    return incidentId;
  };
  const cascadeId = await aCascade();
  const member = async (agentId: string) => {
    const signal = aSignal({ agentId });
    await stores.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "cascade", cascadeId });
    await stores.cascades.handedOver(cascadeId, [{ agentId, standing: "freezing", signalId: signal.id }]);
    return contained(agentId, cascadeId, signal);
  };
  const recovering = await member("root");
  await stores.redis.hset(keys.incident(0, recovering), {
    status: "recovering",
    recovery: JSON.stringify(aRecoveryAt(0)),
  });
  const open = (await stores.incidents.open(openRequest({ agentId: "agent-9" }))).incidentId;
  ids = {
    asked: await contained("agent-7"),
    uncapped: await contained("agent-6"),
    json: await member("victim"),
    recovering,
    open,
  };
  const [asked, json, isOpen, unknown, list, show, again, uncapped] = await Promise.all([
    runCommand("incidents", "recover", ids.asked, ...order, "--daily", "400.00", "--monthly", "none"),
    runCommand("incidents", "recover", ids.json, ...order, "--json"),
    runCommand("incidents", "recover", open, ...order),
    runCommand("incidents", "recover", "inc-0-aaaaaaaaaaaa-9", ...order),
    runCommand("incidents", "list"),
    runCommand("incidents", "show", ids.json),
    runCommand("incidents", "recover", recovering, ...order),
    runCommand("incidents", "recover", ids.uncapped, ...order, "--daily", "400", "--monthly", "none", "--uncapped"),
  ]);
  ran = { asked, json, open: isOpen, unknown, list, show, again, uncapped };
}, 60_000);
afterAll(() => stores.close());

async function aCascade(): Promise<string> {
  const join = async (agentId: string, z: number) =>
    stores.cascades.join(
      {
        ...{ signalId: `sig-${agentId}`, agentId, kind: "escrow-burst", severity: "critical", at: Date.now(), z },
        ...{ outflow: "0.00", wallet: null, suspectPayee: null, marks: ["critical"] },
      },
      { windowMs: 300_000, agents: 2 },
    );
  await join("root", 9);
  return (await join("victim", 1)).cascadeId!;
}

describe("tourniquet incidents recover", () => {
  it("asks for it in somebody's name, and says what happens next", async () => {
    expect([ran.asked.code, ran.asked.err]).toEqual([0, ""]);
    expect(ran.asked.out).toContain(`recovering ${ids.asked}. Identity and reputation are looked at now`);
    expect(ran.asked.out).toContain("50 % at once, 75 % after 6 h, 100 % after 24 h");
    const incident = await stores.incidents.load(ids.asked);
    expect(incident?.recovery).toMatchObject({ by: "ada", rootCause: "retry loop", fix: "v2.3" });
    expect((await stores.recoveries.load(ids.asked))?.saidCaps).toEqual({ daily: "400.00", monthly: null });
    expect(await stores.caps.snapshot("agent-7", ids.asked)).toBeNull();
    const waiting = await stores.redis.lrange("{tq:0}:recovery:wait", 0, -1);
    expect(waiting.filter((job) => job.includes(ids.asked))).toHaveLength(1);
  });

  it("takes from whoever says that there were no caps what the steps are shares of", async () => {
    expect([ran.uncapped.code, ran.uncapped.err]).toEqual([0, ""]);
    expect(await stores.recoveries.load(ids.uncapped)).toMatchObject({
      saidCaps: { daily: null, monthly: null },
      namedCaps: { daily: "400.00", monthly: null },
    });
  });

  it("says of one that recovers already how far it is and who asked, and drops nothing in silence", () => {
    const id = ids.recovering;
    expect(ran.again.code).toBe(0);
    expect(ran.again.out).toMatch(
      new RegExp(`^${id} is recovering already \\(50 % since \\S+\\), asked for by \\S+ at \\S+; nothing was changed$`),
    );
  });

  it("with --json is one JSON object with what the API answers", () => {
    expect(ran.json.code).toBe(0);
    expect(JSON.parse(ran.json.out)).toMatchObject({ incidentId: ids.json, waitsFor: [] });
  });

  it("says in one line what is missing, and how to mend it", () => {
    for (const [run, expected] of [
      [ran.open, /contain/],
      [ran.unknown, /inc-0-aaaaaaaaaaaa-9/],
    ] as const) {
      expect(run).toMatchObject({ code: 1, out: "", err: expect.stringMatching(expected) });
      expect(run.err.split("\n")).toHaveLength(1);
    }
  });
});

describe("a request that lacks something", () => {
  it.each<[string[], RegExp]>([
    [["--by", "ada", "--fix", "v2.3"], /--root-cause/],
    [["--by", "ada", "--root-cause", "loop"], /--fix/],
    [["--root-cause", "loop", "--fix", "v2.3"], /--by/],
    [[...order, "--daily", "400.00"], /say both --daily and --monthly/],
    [[...order, "--monthly", "none"], /say both --daily and --monthly/],
    [[...order, "--daily", "-5"], /^--daily must be an amount such as 500.00/],
    ...["1e3", " 5", "-0", "1e-20", "5.123456789", "1234567890123456", "None", ""].map((cap): [string[], RegExp] => [
      [...order, "--daily", cap, "--monthly", "none"],
      /^--daily must be an amount such as 500.00/,
    ]),
  ])("is refused before Redis is asked: %j", async (args, expected) => {
    const program = new Command("tourniquet");
    incidents(program);
    for (const command of [program, ...program.commands.flatMap((group) => [group, ...group.commands])])
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    const run = program.parseAsync(["incidents", "recover", "inc-0-a-1", ...args], { from: "user" });
    await expect(run).rejects.toThrow(expected);
  });
});

describe("incidents that recover", () => {
  it("are listed with the percent of their caps", () => {
    expect(ran.list.out).toMatch(new RegExp(`${ids.recovering} +P0 +recovering 50 % +root `));
  });

  it("of a cascade show in which order, and how far each has got", () => {
    expect(ran.show.out).toMatch(/^caps {8}\$.* come back, as the gateway showed them before the freeze$/m);
    expect(ran.show.out).toContain("recover in  1. root  recovering 50 %  root cause");
    expect(ran.show.out).toMatch(/ {12}2\. victim {2}(nobody asked yet|asked) {2}after root/);
  });
});
