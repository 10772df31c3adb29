import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { aDelivery } from "../redis/deliveries.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const because = ["--by", "ada", "--reason", "wallet drained"];
let stores: Stores;
let before: Record<"status" | "list" | "show" | "late" | "unknown" | "approve" | "nameless", CommandRun>;
let after: Record<"shutdown" | "status" | "more" | "resume" | "again", CommandRun>;
const signal = aSignal({ agentId: "agent-7" });
beforeAll(async () => {
  stores = await openStores();
  await stores.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "policy line 3" });
  await stores.incidents.open(openRequest(signal));
  const waiting = { signal: aSignal({ agentId: "agent-9" }), tier: "auto-contain", decidedBy: "cascade" } as const;
  const question = { kind: "freezes", what: "too many", cascadeId: null } as const;
  await stores.fleet.ask({ ...question, id: "freezes-cas-1", verdicts: [waiting] });
  const late = aSignal({ agentId: "agent-8" });
  const { eventId } = await stores.inbox.accept(aDelivery({ agentId: "agent-8" }));
  await stores.inbox.dispose(eventId, "stale", "older than 24 h");
  await stores.verdicts.keep({ signal: late, tier: "auto-contain", decidedBy: "policy line 3", eventId });
  const [status, list, show, tooLate, unknown, nameless] = await Promise.all([
    runCommand("fleet", "status"),
    runCommand("signals", "list"),
    runCommand("signals", "show", signal.id),
    runCommand("signals", "show", late.id),
    runCommand("signals", "show", "sig-none"),
    runCommand("fleet", "shutdown", "--by", "ada"),
  ]);
  // More than a text names.
  const heardOf = Array.from({ length: 101 }, (_, index) => [1, `heard-of-${100 + index}`]).flat();
  await stores.redis.zadd(keys.seenAgents(0), ...heardOf);
  const approve = await runCommand("fleet", "approve", "freezes-cas-1", ...because, "--json");
  before = { status, list, show, late: tooLate, unknown, approve, nameless };
  after = {
    shutdown: await runCommand("fleet", "shutdown", ...because),
    ...(await twoPages()),
    resume: await runCommand("fleet", "resume", ...because),
    again: await runCommand("fleet", "resume", ...because),
  };
}, 120_000);
afterAll(() => stores.close());

async function twoPages() {
  const status = await runCommand("fleet", "status", "--json", "--limit", "2");
  return { status, more: await runCommand("fleet", "status", "--limit", "2", "--after", JSON.parse(status.out).next) };
}

describe("tourniquet signals", () => {
  it("lists what was concluded and what was decided, and shows why", () => {
    expect(before.list.out).toMatch(/^ID +SIGNAL +SEVERITY +AGENT +TIER +INCIDENT +DECIDED\n/);
    expect(before.list.out).toMatch(
      new RegExp(`${signal.id} +escrow-burst +critical +agent-7 +auto-contain +inc-0-\\S+ +20`),
    );
    for (const line of [
      "rule        identical-escrows v1",
      'thresholds  {"identicalCount":8}',
      "decided by  policy line 3",
    ])
      expect(before.show.out).toContain(line);
  });

  it("says why nothing followed from one that came too late", () => {
    expect(before.late.out).toContain("incident    none, stale: older than 24 h");
  });

  it("says so where there is no such signal", () => {
    expect(before.unknown).toMatchObject({ code: 1, err: expect.stringContaining("no recent signal sig-none") });
  });
});

describe("tourniquet fleet", () => {
  it("shows who is frozen by what, and what waits for a word", () => {
    expect(before.status.out).toMatch(/^AGENT +WALLET +STATE +LAST HOUR +INCIDENT\n/);
    expect(before.status.out).toMatch(/\nagent-7 +trouble +0\.00 +inc-0-\S+ P0 detected\n/);
    expect(before.status.out).toContain("no shutdown in force");
    expect(before.status.out).toContain("waits for you: freezes-cas-1: too many (agent-9)");
    expect(before.status.out).toContain("npx tourniquet fleet approve freezes-cas-1, or decline freezes-cas-1");
  });

  it("takes the word of a named person with a reason", () => {
    expect(before.nameless).toMatchObject({ code: 2, err: expect.stringContaining("--reason") });
    expect(JSON.parse(before.approve.out)).toEqual({ agents: ["agent-9"], notReached: [] });
  });

  it("shuts down and resumes, and says what was left as it is", () => {
    // A fleet of which nobody stopped a hundred is not shut down.
    expect(after.shutdown.code).toBe(1);
    expect(after.shutdown.out.split("\n")).toEqual([
      "shutdown-1: freezing 1 agent: agent-7",
      expect.stringMatching(
        /^not reached, since no settings name them: 101 agents: heard-of-100, .*heard-of-199 and 1 more \(--json names all\)/,
      ),
    ]);
    // As the API lists them: who spends most first, those alike by name; and who is in trouble, on whatever page.
    const { agents, next, ...status } = JSON.parse(after.status.out);
    expect(agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual(["heard-of-200", "heard-of-199"]);
    expect(next).toMatch(/^\S+$/);
    expect(after.more.out).toMatch(/\nheard-of-198 +free .*\nheard-of-197 +free .*\nthere are more: --after \S+\n/s);
    expect(after.more.out).toMatch(/\nin trouble, not listed above: agent-7 \(inc-0-\S+ P0 detected\)\n/);
    expect(status).toMatchObject({
      inTrouble: [{ agentId: "agent-7" }],
      shutdown: { by: "ada", reason: "wallet drained", notReached: { length: 101 } },
      approvals: [],
    });
    expect(after.more.out).toMatch(/\nshut down: .*\nnot reached, since no settings name them: 101 agents: /);
    expect(after.resume.out).toBe("releasing 0 agents\nnot frozen by it, or over already: agent-7");
    expect(after.again).toMatchObject({ code: 1, err: expect.stringContaining("No fleet shutdown is in force") });
  });
});
