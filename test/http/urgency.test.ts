import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => api.services.redis.flushdb().then(() => undefined));

/** Opened so many minutes ago. */
const opened = async (agentId: string, minutesAgo: number, more: Parameters<typeof openRequest>[1] = {}) => {
  const id = (await api.services.incidents.open(openRequest({ agentId }, more))).incidentId;
  const at = Date.now() - minutesAgo * 60_000;
  await api.services.redis.zadd(keys.incidents(0), String(at), id);
  await api.services.redis.hset(keys.incident(0, id), "openedAt", at);
  return id;
};
const contained = async (agentId: string, minutesAgo: number, more: Parameters<typeof openRequest>[1] = {}) => {
  const id = await opened(agentId, minutesAgo, more);
  const { incidents } = api.services;
  await incidents.stamp(id, "effectiveAt");
  await incidents.stamp(id, "escrowsCountedAt");
  await incidents.setStatus(id, "containing", "contain", {});
  await incidents.setStatus(id, "contained", "contain", {});
  return id;
};
const over = async (agentId: string, minutesAgo: number) => {
  const id = await opened(agentId, minutesAgo);
  await api.services.incidents.setStatus(id, "stood-down", "recover", {});
  return id;
};
const escrow = (amount: string) => ({ escrowId: amount, payee: "p", amount, result: "held" as const, reason: "" });

interface Listed {
  incidents: { id: string; agentId: string; standDown: object | null }[];
  next: string | null;
}
const listed = async (query: string) => (await api.get(`/api/incidents?${query}`)).body as unknown as Listed;
/** Every page of two, in order. */
const pages = async (filter = "", between: () => Promise<unknown> = async () => undefined) => {
  const found: string[][] = [];
  let next: string | null = "";
  while (next !== null) {
    const page: Listed = await listed(`order=urgency&limit=2${filter}${next && `&after=${next}`}`);
    found.push(page.incidents.map(({ agentId }) => agentId));
    next = page.next;
    await between();
  }
  return found;
};
const overview = async () => (await api.get("/api/overview")).body;

describe("the list by urgency", () => {
  it("has what bleeds first, however old, then what is being taken hold of, what is open by priority, and what is over", async () => {
    await opened("bleeds", 600);
    const containing = await opened("containing", 500);
    await api.services.incidents.stamp(containing, "effectiveAt");
    await contained("held-p0", 400);
    await contained("held-p1", 1, { priority: "P1" });
    await opened("slowed-down", 300, { priority: "P2" });
    await over("over-new", 2);
    await over("over-old", 900);
    const held = ["held-p0", "held-p1"];
    expect((await pages()).flat()).toEqual(["bleeds", "containing", "slowed-down", ...held, "over-new", "over-old"]);
    expect((await pages("&status=open")).flat()).toEqual(["bleeds", "containing", "slowed-down", ...held]);
    expect((await pages("&status=over")).flat()).toEqual(["over-new", "over-old"]);
    expect((await pages("&status=contained")).flat()).toEqual(held);
    expect((await pages("&priority=P1")).flat()).toEqual(["held-p1"]);
    expect((await listed("limit=2")).incidents.map(({ agentId }) => agentId)).toEqual(["held-p1", "over-new"]);
  });

  it("has each incident once where a page ends between what is open and what is over, and where one ends meanwhile", async () => {
    for (const index of [1, 2]) await contained(`open-${index}`, index);
    for (const index of [3, 4, 5]) await over(`over-${index}`, index);
    expect(await pages()).toEqual([["open-1", "open-2"], ["over-3", "over-4"], ["over-5"]]);
    const bleeding = await opened("ends", 0);
    const ends = () => api.services.incidents.setStatus(bleeding, "stood-down", "recover", {});
    expect(await pages("", ends)).toEqual([["ends", "open-1"], ["open-2", "ends"], ["over-3", "over-4"], ["over-5"]]);
  });

  it("does not say that it bleeds of what is being stood down", async () => {
    const id = await opened("called-off", 1);
    await api.services.incidents.beginStandDown(id, "ada", "a drill");
    expect((await listed("order=urgency")).incidents).toEqual([
      expect.objectContaining({ id, standDown: expect.objectContaining({ by: "ada" }) }),
    ]);
    expect(await overview()).toMatchObject({ open: 1, bleeding: 0 });
  });
});

describe("all that is open in one look", () => {
  it("counts every open incident, the oldest too, and never calls zero what nobody counted", async () => {
    await opened("bleeds", 900);
    for (let index = 0; index < 3; index += 1) await contained(`held-${index}`, index);
    await over("over", 1);
    const uncounted = { open: 4, bleeding: 1, unattended: 4, risk: { atRisk: null, isCounted: false } };
    const none = { atRisk: "0.00", isCounted: true };
    expect(await overview()).toEqual({ ...uncounted, dryRuns: { open: 0, risk: none } });
    const id = await contained("dry", 5, { dryRun: true });
    await api.services.incidents.recordEscrows(id, [escrow("70.00")]);
    expect(await overview()).toMatchObject({
      open: 4,
      dryRuns: { open: 1, risk: { atRisk: "70.00", isCounted: true } },
    });
  });

  it("adds up what is at risk, at least so much where one is not counted, and knows who has nobody", async () => {
    const { incidents, escalations } = api.services;
    const held = await contained("held", 3);
    await incidents.recordEscrows(held, [escrow("50.00")]);
    expect(await overview()).toMatchObject({ unattended: 1, risk: { atRisk: "50.00", isCounted: true } });
    await escalations.acknowledge(held, "mira");
    await contained("log-only", 2, { priority: "P3" });
    expect(await overview()).toMatchObject({ open: 2, unattended: 0, risk: { atRisk: "50.00", isCounted: true } });
    await opened("bleeds", 1);
    expect(await overview()).toMatchObject({ bleeding: 1, unattended: 1, risk: { atRisk: "50.00", isCounted: false } });
  });

  it("is nothing, and counted, where nothing is open", async () => {
    await over("over", 1);
    const none = { atRisk: "0.00", isCounted: true };
    expect(await overview()).toEqual({
      open: 0,
      bleeding: 0,
      unattended: 0,
      risk: none,
      dryRuns: { open: 0, risk: none },
    });
  });
});
