import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postMortemSchema } from "../../src/incident/post-mortem.ts";
import { draftPostMortem } from "../../src/learn/post-mortem/post-mortem.ts";
import { openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";

const viewer = { authorization: `Bearer ${tokens.viewer}` };
let api: Api;
let open: string;
let over: string;
beforeAll(async () => {
  api = await openApi({ tokens });
  const { incidents, postMortems } = api.services;
  open = (await incidents.open(openRequest())).incidentId;
  over = (await incidents.open(openRequest({ agentId: "agent-8" }))).incidentId;
  await incidents.setStatus(over, "stood-down", "recover", { answer: "restored" });
  const document = (await draftPostMortem(api.services, over))!;
  await postMortems.keep(over, { ...document, title: "As it was written" });
});
afterAll(() => api.close());

const get = (id: string, query = "", headers: Record<string, string> = {}) =>
  api.get(`/api/incidents/${id}/post-mortem${query}`, { ...viewer, ...headers });

describe("GET /api/incidents/:id/post-mortem", () => {
  it("is the post-mortem as it was written, as JSON that a browser saves under the incident's name", async () => {
    const { status, headers, body } = await get(over);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(headers.get("content-disposition")).toBe(`attachment; filename=post-mortem-${over}.json`);
    expect(postMortemSchema.parse(body)).toMatchObject({ title: "As it was written", isDraft: false });
  });

  it("is a draft, computed now and marked as such, while the incident is open", async () => {
    const { body, headers } = await get(open);
    expect(postMortemSchema.parse(body)).toMatchObject({ incidentId: open, isDraft: true, status: "detected" });
    expect(headers.get("content-disposition")).toContain(`post-mortem-draft-${open}.json`);
    expect((await get(open, "?format=md")).text).toMatch(/^# Draft: .*\n\n> This is a draft\./);
    expect(await api.services.postMortems.load(open)).toBeNull();
  });

  it.each([
    ["Accept: text/markdown", "", { accept: "text/markdown" }],
    ["?format=md, whatever is accepted", "?format=md", { accept: "application/json" }],
  ])("is Markdown by %s", async (_, query, headers) => {
    const answer = await get(over, query, headers);
    expect(answer.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename=post-mortem-${over}.md`);
    expect(answer.text).toMatch(/^# As it was written\n/);
  });

  it.each<Record<string, string>>([{}, { accept: "*/*" }, { accept: "text/html,*/*;q=0.8" }])(
    "is JSON for whoever asks for nothing of ours: %j",
    async (headers) => {
      expect((await get(over, "", headers)).headers.get("content-type")).toContain("application/json");
    },
  );

  it("is 404 where there is no such incident, 422 for another format, 405 to write and 401 without a token", async () => {
    expect((await get("inc-0-none-1")).status).toBe(404);
    expect((await get("nonsense")).status).toBe(404);
    const { status, body } = await get(over, "?format=pdf");
    expect([status, body.errors]).toEqual([422, [{ field: "format", problem: 'must be "json" or "md"' }]]);
    const path = `${api.url}/api/incidents/${over}/post-mortem`;
    expect((await fetch(path, { method: "POST", headers: viewer })).status).toBe(405);
    expect((await fetch(path)).status).toBe(401);
  });
});
