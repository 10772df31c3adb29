import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

const check = async (text: string) => {
  const headers = { "content-type": "application/yaml", authorization: `Bearer ${tokens.viewer}` };
  const answer = await fetch(`${api.url}/api/settings/check`, { method: "POST", headers, body: text });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe("a file that takes long to look at", () => {
  it("keeps nobody else waiting, and another file is told to come again", async () => {
    const startedAt = performance.now();
    const slow = check(Array.from({ length: 700 }, (_, index) => `k${index}: 1`).join("\n"));
    const during: number[] = [];
    let isDone = false;
    const end = slow.then((answer) => {
      isDone = true;
      return answer;
    });
    while (!isDone) {
      const from = performance.now();
      await api.get("/healthz");
      during.push(performance.now() - from);
    }
    const { body } = await end;
    const tookMs = performance.now() - startedAt;
    expect(body.mistakes).toHaveLength(700);
    // In this thread nearly all of it would stand between two answers.
    expect(Math.max(...during)).toBeLessThan(tookMs / 2);
    const [one, other] = await Promise.all([check("mode: act"), check("mode: act")]);
    expect([one.status, other.status].toSorted()).toEqual([200, 429]);
    expect((await check("mode: act")).status).toBe(200);
  });
});
