import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints } from "../../src/http/api/index.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { type ToldApi, toldApi } from "./told-api.ts";

const roles = ["agent", "viewer", "responder", "admin"] as const;
const all = { ...tokens, agent: "agent-token-0123" } as Record<(typeof roles)[number], string>;

/** Written by hand, and not read off the code: who may call what. A new operation needs its row. */
const readers = "viewer responder admin";
const responders = "responder admin";
const machines = "agent responder admin";
const mayCall: Readonly<Record<string, string>> = {
  listIncidents: readers,
  showOverview: readers,
  showIncident: readers,
  showEvidence: readers,
  showPostMortem: readers,
  exportLedger: readers,
  showSpend: readers,
  acknowledgeIncident: responders,
  recoverIncident: responders,
  standDownIncident: responders,
  listCascades: readers,
  showCascade: readers,
  acknowledgeCascade: responders,
  showFleet: readers,
  listFleetAgents: readers,
  shutDownFleet: responders,
  resumeFleet: responders,
  approveFreezes: responders,
  declineFreezes: responders,
  containAgent: responders,
  askBreaker: machines,
  reportOutcome: machines,
  resetBreaker: responders,
  listSignals: readers,
  showSignal: readers,
  listSilences: readers,
  addSilence: responders,
  endSilence: responders,
  listTunings: readers,
  showTuning: readers,
  approveTuning: "admin",
  rejectTuning: "admin",
  withdrawTuning: "admin",
  listTokens: "admin",
  createToken: "admin",
  revokeToken: "admin",
  listDeadLetters: readers,
  replayDeadLetters: "admin",
  showDeadLetter: readers,
  showIntake: readers,
  listQuarantine: responders,
  showSettings: readers,
  checkSettings: readers,
  reloadSettings: "admin",
  testNotifications: responders,
  diagnose: responders,
  checkKeys: responders,
  verifyLedger: readers,
  listDrills: readers,
  listScenarios: readers,
  showDrill: readers,
  runDrill: "admin",
  listChanges: readers,
  exportChanges: readers,
  listenLive: readers,
};

/** To know the drills starts a process, and that is tried elsewhere. */
const drillRunner = { scenarios: async () => [], start: async () => ({ id: "drill-1", wanted: [] }) };

let api: Api;
let told: ToldApi;
beforeAll(async () => {
  api = await openApi({ tokens: all, ports: () => ({ drillRunner }) });
  told = await toldApi(api.url);
});
afterAll(() => api.close());

/** Nothing is ordered that could be carried out: whoever may call it is told what is missing. */
const ask = (id: string, token?: string) => {
  const { method, file } = endpoints.find((one) => one.id === id)!;
  return told.ask(id, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(method !== "get" && (file ? { file: { type: file.media, text: "x" } } : { body: {} })),
  });
};

describe("every operation of the API", () => {
  it("has its row in the table above", () => {
    expect(Object.keys(mayCall).sort()).toEqual(endpoints.map(({ id }) => id).sort());
  });

  it.each(Object.entries(mayCall))("%s is for %s, and nobody else", async (id, allowed) => {
    expect((await ask(id)).status).toBe(401);
    for (const role of roles) {
      const { status, body } = await ask(id, all[role]);
      const isLetIn = ![401, 403].includes(status);
      expect([role, isLetIn]).toEqual([role, allowed.split(" ").includes(role)]);
      if (!isLetIn) expect([status, body.type]).toEqual([403, "urn:tourniquet:problem:role-too-small"]);
    }
  });

  it("leaves everything as it was, asked so", async () => {
    const { stats } = await api.stored();
    expect(stats).toMatchObject({ accepted: 0, pending: 0 });
    expect(await api.services.audit.list(10)).toEqual([]);
  });
});

describe("a viewer at a breaker", () => {
  it("may peek, and take no probe", async () => {
    const headers = { authorization: `Bearer ${all.viewer}` };
    expect((await told.ask("askBreaker", { params: { id: "a" }, query: { peek: "true" }, headers })).status).toBe(200);
    expect((await told.ask("askBreaker", { params: { id: "a" }, headers })).status).toBe(403);
  });
});
