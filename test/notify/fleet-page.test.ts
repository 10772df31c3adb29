import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decline } from "../../src/contain/approvals.ts";
import { joinCascade } from "../../src/detect/cascade.ts";
import { viewCascade } from "../../src/incident/cascade-view.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import type { About, JobData } from "../../src/incident/jobs.ts";
import { investigateCascade } from "../../src/learn/investigate-cascade.ts";
import { fleetPage } from "../../src/notify/fleet-page.ts";
import { publish } from "../../src/notify/publish.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { cascadePorts, critical, decided } from "../detect/cascade/fleet-ports.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { silent } from "../runbooks/step-ports.ts";
import { until } from "../support/until.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

/** Two of a wallet, b far over its baseline; their incidents are open unless told otherwise. */
async function aCascade(opened: "opened" | "dry" | "not-opened" = "opened") {
  const ports = cascadePorts(stores);
  const now = await stores.clock.now();
  await joinCascade(ports, await decided(stores, critical("a", now, { z: 2, total: "10.00" })));
  await joinCascade(ports, await decided(stores, critical("b", now, { z: 9, total: "10.00" })));
  const [cascade] = await stores.cascades.list(1);
  for (const { agentId, signalId } of opened === "not-opened" ? [] : cascade!.members) {
    const { signal } = (await stores.verdicts.load(agentId, signalId))!;
    const dryRun = opened === "dry";
    const { incidentId } = await stores.incidents.open(openRequest(signal, { cascadeId: cascade!.id, dryRun }));
    if (dryRun) await stores.incidents.setStatus(incidentId, "observed", "contain", {});
  }
  return cascade!.id;
}
const job = (more: Partial<About> & { kind?: "publish" }): JobData["notification"] => {
  const about = { agentId: "a", incidentId: null, signalId: null };
  return { ...about, kind: "page", what: "cascade", ...more } as JobData["notification"];
};
const published: unknown[][] = [];
const gateway = {
  publishEvent: async (...args: unknown[]) => {
    published.push(args);
    return { outcome: "done", value: { eventId: "1" } };
  },
  listTransactions: async (agentId: string, sinceMs: number) => [
    { id: agentId, amount: 15_000_000_000n, createdAt: sinceMs },
  ],
  readUsage: () => Promise.reject(new Error("no such route")),
} as unknown as Gateway;
const ports = () => ({ ...stores, gateway, settings: readSettings(undefined, {}), log: silent });
const announce = (cascadeId: string) => publish(ports(), job({ cascadeId, kind: "publish" }));

describe("the page of a cascade (N3)", () => {
  it("says who, why together, where it began, what is left to do", async () => {
    const cascadeId = await aCascade();
    const page = (await fleetPage(stores, job({ cascadeId })))!;
    expect(page).toMatchObject({ dedupKey: cascadeId, priority: "P0", title: "Cascade of 2 agents, root cause b" });
    const text = page.lines.join("\n");
    for (const said of [
      "Root cause: b, furthest over its baseline (z 9)",
      "Member: a, escrow-burst, freezing, inc-0-",
      "shared wallet ops",
      "same time",
      "Money: locked 0.00",
      "Left to do: Map the dependency chain",
      `npx tourniquet incidents ack ${cascadeId} --by NAME`,
    ])
      expect(text).toContain(said);
  });

  it("says so where it was a dry run, and is nothing where there is no such cascade", async () => {
    const cascadeId = await aCascade("dry");
    expect((await fleetPage(stores, job({ cascadeId })))?.title).toMatch(/^Dry run, nothing was done/);
    expect(await fleetPage(stores, job({ cascadeId: "cas-9" }))).toBeNull();
  });
});

type Added = unknown[];

describe("what becomes of a cascade", () => {
  const told = async (cascadeId: string, what: "cascade-acknowledged" | "cascade-over") =>
    fleetPage(stores, { ...job({ cascadeId }), what });

  it("is told under its own alert: that somebody has it, and once the last of its incidents is over that it is", async () => {
    const cascadeId = await aCascade();
    expect(await told(cascadeId, "cascade-acknowledged")).toMatchObject({
      dedupKey: cascadeId,
      title: "Taken on: the cascade of 2 agents",
      lines: expect.not.arrayContaining([expect.stringContaining("incidents ack")]),
    });
    const incidents = (await viewCascade(stores, (await stores.cascades.load(cascadeId))!)).members;
    for (const { incidentId } of incidents) {
      expect(await told(cascadeId, "cascade-over")).toBeNull();
      await stores.incidents.setStatus(incidentId!, "stood-down", "recover", {});
    }
    const over = await told(cascadeId, "cascade-over");
    expect(over).toMatchObject({ dedupKey: cascadeId, title: "Over: the cascade of 2 agents" });
    expect(over!.lines.join()).not.toMatch(/Left to do|incidents ack/);
  });
});

describe("the page of what waits for a person's word", () => {
  it("says what is asked, who is not frozen yet, and how to answer; and is nothing once it was answered", async () => {
    const verdict = { signal: aSignal({ agentId: "w9" }), tier: "auto-contain", decidedBy: "cascade" } as const;
    const question = { id: "freezes-cas-1", kind: "freezes", what: "too many at once", cascadeId: "cas-1" } as const;
    await stores.fleet.ask({ ...question, verdicts: [verdict] });
    const page = (await fleetPage(stores, job({ approvalId: "freezes-cas-1" })))!;
    expect(page.title).toBe("1 freezes wait for you");
    expect(page.lines.join("\n")).toMatch(
      /too many at once\n.*w9\nYes: npx tourniquet fleet approve freezes-cas-1 --by/,
    );
    await stores.fleet.ask({ id: "shutdown", kind: "shutdown", what: "all?", cascadeId: null, verdicts: [] });
    const asked = (await fleetPage(stores, job({ approvalId: "shutdown" })))!;
    expect(asked.lines.join("\n")).toContain("Yes: npx tourniquet fleet approve shutdown --by NAME");
    await stores.fleet.settle("freezes-cas-1", ["w9"]);
    expect(await fleetPage(stores, job({ approvalId: "freezes-cas-1" }))).toBeNull();
  });

  it("has an alert of its own, which its answer closes: the next question of the same name rings again", async () => {
    const page = async (more: Partial<About> = {}) => fleetPage(stores, job({ approvalId: "shutdown", ...more }));
    const ask = () =>
      stores.fleet.ask({ id: "shutdown", kind: "shutdown", what: "all?", cascadeId: null, verdicts: [] });
    await ask();
    const [question] = await stores.fleet.approvals();
    const asked = await page();
    const answered: Added[] = [];
    const dispatch = { add: async (...added: unknown[]) => void answered.push(added), isLive: async () => false };
    const ports = { ...cascadePorts(stores), dispatch } as unknown as Parameters<typeof decline>[0];
    await decline(ports, { by: "ada", reason: "a drill" });
    const [[queue, , jobId, data]] = answered as [Added];
    expect([queue, jobId]).toEqual(["notification", `page-shutdown-${question!.askedAt}-answered`]);
    const said = await page(data as About);
    expect(said).toMatchObject({ dedupKey: asked!.dedupKey, title: "ada said no: shut the whole fleet down" });
    await until(async () => (await stores.clock.now()) > question!.askedAt, "another millisecond");
    await ask();
    expect((await page())!.dedupKey).not.toBe(asked!.dedupKey);
  });
});

describe("what the gateway's bus is told of a cascade", () => {
  it("is published for the root cause, with ids and counts and no word of the others", async () => {
    published.length = 0;
    const cascadeId = await aCascade();
    expect(await announce(cascadeId)).toEqual({ answer: "published" });
    const [[agentId, type, payload, key]] = published as [[string, string, object, string]];
    expect([agentId, type, key]).toEqual(["b", "cascade_failure", `publish:${cascadeId}:cascade-failure`]);
    expect(payload).toMatchObject({
      cascade_id: cascadeId,
      total_agents_affected: 2,
      root_cause_incident: expect.stringMatching(/^inc-/),
    });
    expect(Object.values(payload)).not.toContain("a");
  });

  it("is nothing in a dry run", async () => {
    published.length = 0;
    const cascadeId = await aCascade("dry");
    expect(await announce(cascadeId)).toEqual({ answer: "not-needed" });
    expect(published).toEqual([]);
  });
});

describe("the deep look at the root cause (RB5)", () => {
  it("keeps a day of transactions with the root's incident, and what it could not have as unknown", async () => {
    const cascadeId = await aCascade();
    expect(await investigateCascade(ports(), { cascadeId })).toEqual({ answer: "taken" });
    const cascade = (await stores.cascades.load(cascadeId))!;
    const root = cascade.members.find(({ agentId }) => agentId === "b")!;
    const { incidentId } = (await stores.verdicts.load("b", root.signalId))!;
    const since = cascade.signals[0]!.at - 86_400_000;
    expect((await stores.incidents.evidence(incidentId!)).cascade).toMatchObject({
      rootCause: { agentId: "b" },
      transactions: { known: [{ id: "b", amount: "150.00", createdAt: since }] },
      usage: { unknown: "no such route" },
    });
  });

  it("waits for the root's incident, and asks for nothing where there will be none", async () => {
    const cascadeId = await aCascade("not-opened");
    await expect(investigateCascade(ports(), { cascadeId })).rejects.toThrow("no incident yet");
    const members = (await stores.cascades.load(cascadeId))!.members;
    await stores.cascades.handedOver(
      cascadeId,
      members.map((member) => ({ ...member, standing: "waiting" as const })),
    );
    expect(await investigateCascade(ports(), { cascadeId })).toEqual({ answer: "over" });
    expect(await investigateCascade(ports(), { cascadeId: "cas-9" })).toEqual({ answer: "no-cascade" });
  });
});
