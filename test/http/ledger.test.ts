import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyLedger } from "../../src/learn/ledger/verify.ts";
import { openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";

let api: Api;
let id: string;
beforeAll(async () => {
  api = await openApi({ tokens });
  id = (await api.services.incidents.open(openRequest())).incidentId;
});
afterAll(() => api.close());

const get = (path: string, token = tokens.viewer) => api.get(path, { authorization: `Bearer ${token}` });

describe("GET /api/incidents/:id/ledger", () => {
  it("is the whole file, for whoever may read incidents, and leaves its anchor in the log", async () => {
    const { status, headers, text } = await get(`/api/incidents/${id}/ledger`);
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toBe(`attachment; filename=ledger-${id}.json`);
    expect(verifyLedger(text)).toMatchObject({ verdict: "whole", incident: id, entries: 1, checkpoints: 1 });
    expect(api.lines.join("\n")).toMatch(/"anchor":"1:[0-9a-f-]{67}".*"what":"ledger.checkpoint"/);
    expect(api.lines.join("\n") + text).not.toMatch(/PRIVATE/);
  });

  it("is refused to a stranger, and for what is no incident", async () => {
    expect((await api.get(`/api/incidents/${id}/ledger`)).status).toBe(401);
    for (const unknown of ["inc-0-aaaaaaaaaaaa-9", "nonsense"])
      expect(await get(`/api/incidents/${unknown}/ledger`)).toMatchObject({
        status: 404,
        body: { type: "urn:tourniquet:problem:no-such-incident" },
      });
  });
});
