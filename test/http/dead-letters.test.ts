import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedAt } from "../queues/dead-world.ts";
import { type Api, openApi, tokens } from "./api.ts";

const as = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
  for (const [index, jobId] of ["contain-a", "contain-b"].entries()) {
    const at = Date.parse("2026-11-22T02:47:00Z") + index;
    await failedAt(api.services, "contain", jobId, { incidentId: "inc-0-a-1" }, at);
  }
});
afterAll(() => api.close());

async function replay(body: unknown, token = tokens.admin) {
  const answer = await fetch(`${api.url}/api/dead-letters/replay`, {
    method: "POST",
    headers: { "content-type": "application/json", ...as(token) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const get = (path: string) => api.get(`/api/dead-letters${path}`, as(tokens.viewer));
const idsOf = (body: Record<string, unknown>) => (body.deadLetters as { id: string }[]).map(({ id }) => id);

describe("dead letters over HTTP", () => {
  it("stand in the audit trail when they are replayed, and not when a dry run asks which would be", async () => {
    const order = { by: "ada", reason: "mended", queue: "contain" };
    await replay({ ...order, dryRun: true });
    expect(await api.services.audit.list(5)).toEqual([]);
    await replay({ by: "ada", reason: "mended", id: "contain-unknown" });
    expect(await api.services.audit.list(5)).toMatchObject([{ action: "replayDeadLetters", by: "ada" }]);
  });

  it("are listed newest first to whoever may read, page by page", async () => {
    const first = await get("?limit=1");
    expect([first.status, idsOf(first.body), first.body.examined]).toEqual([200, ["contain-b"], 2]);
    const second = await get(`?limit=1&after=${encodeURIComponent(String(first.body.next))}`);
    expect([idsOf(second.body), second.body.next]).toEqual([["contain-a"], null]);
    expect((await api.get("/api/dead-letters")).status).toBe(401);
    const early = await get("?until=2026-11-22T02:47:00Z");
    expect(idsOf(early.body)).toEqual(["contain-a"]);
  });

  it("name every mistake of a filter at once", async () => {
    const { status, body } = await get("?queue=watch&since=yesterday&limit=0&agnet=a");
    expect(status).toBe(422);
    const said = (body.errors as { field: string; problem: string }[]).map((one) => `${one.field} ${one.problem}`);
    expect(said).toEqual([
      "queue must be one of freeze, contain, correlate, forensics, notification, recovery",
      "since must be a time with its zone, such as 2026-11-22T02:47:00Z",
      "limit must be a whole number from 1 to 500",
      "agnet is not known here",
    ]);
  });

  it("are shown under their queue and id, what is none is 404", async () => {
    const { status, body } = await get("/contain/contain-a");
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        ...{ state: "failed", incidentId: "inc-0-a-1", attempts: 2, failedAt: "2026-11-22T02:47:00.000Z" },
        cause: { code: "gateway-refused", message: "403" },
        data: { incidentId: "inc-0-a-1" },
      }),
    ]);
    for (const path of ["/contain/contain-c", "/freeze/contain-a", "/watch/contain-a", "/%00/x"])
      expect((await get(path)).status).toBe(404);
  });

  it("are replayed by an admin alone, who says who and why, and says which", async () => {
    const order = { id: "contain-a", by: "ada", reason: "the key was renewed" };
    expect((await replay(order, tokens.responder)).status).toBe(403);
    expect((await replay({ ...order, by: " " })).body.detail).toContain("by must say who");
    expect((await replay({ by: "ada", reason: "all of it" })).body).toMatchObject({
      status: 422,
      errors: [{ field: "id", problem: expect.stringContaining("or a filter") }],
    });
    expect(await replay({ ...order, dryRun: true })).toMatchObject({
      status: 200,
      body: { dryRun: true, results: [{ id: "contain-a", answer: "would-replay" }] },
    });
    expect((await get("")).body.deadLetters).toHaveLength(2);
    expect((await replay(order)).body).toMatchObject({ results: [{ answer: "replayed" }], more: false });
    expect((await replay(order)).body).toMatchObject({ results: [{ answer: "no-longer-failed" }] });
    expect((await replay({ ...order, id: "contain-c" })).status).toBe(404);
    const said = api.lines.map((line) => JSON.parse(line));
    expect(said.some(({ what }) => what === "request.failed")).toBe(false);
    expect(idsOf((await get("")).body)).toEqual(["contain-b"]);
    const { body } = await get("/contain/contain-a");
    expect(body).toMatchObject({ state: "waiting", cause: null, replays: [{ by: "ada", outcome: "in-hand" }] });
  });
});
