import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer, type LoggedIn, logIn } from "./logging-in.ts";

let api: Api;
let login: LoggedIn;
beforeAll(async () => {
  api = await openApi({ tokens, ports: () => ({ publicUrl: "https://tourniquet.example.net" }) });
  login = await logIn(api, tokens.admin);
});
afterAll(() => api.close());

const acknowledge = (headers: Record<string, string | undefined>) =>
  fetch(`${api.url}/api/incidents/inc-0-abcdef012345-1/acknowledge`, {
    method: "POST",
    headers: Object.fromEntries(
      Object.entries({ "content-type": "application/json", ...headers }).filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      ),
    ),
    body: JSON.stringify({ by: "ana" }),
  });

describe("a change with a login", () => {
  it("is taken from our own page, also where a proxy changed Host", async () => {
    expect((await acknowledge(login.changing)).status).toBe(404);
    expect((await acknowledge({ ...login.changing, origin: "https://tourniquet.example.net" })).status).toBe(404);
  });

  it("is refused when a header of our own page is missing or wrong, each by itself, and says which", async () => {
    const other = await logIn(api, tokens.admin);
    const wrong: [Record<string, string | undefined>, string][] = [
      [{ origin: undefined }, "Origin"],
      [{ origin: "https://evil.example" }, "Origin"],
      [{ origin: "null" }, "Origin"],
      [{ origin: `${api.url}.evil.example` }, "Origin"],
      [{ "sec-fetch-site": undefined }, "Sec-Fetch-Site"],
      [{ "sec-fetch-site": "none" }, "Sec-Fetch-Site"],
      [{ "sec-fetch-site": "same-site" }, ""],
      [{ "sec-fetch-site": "cross-site" }, ""],
      [{ "x-csrf-token": undefined }, "x-csrf-token"],
      [{ "x-csrf-token": "" }, "x-csrf-token"],
      [{ "x-csrf-token": other.changing["x-csrf-token"] }, "x-csrf-token"],
    ];
    for (const [headers, named] of wrong) {
      const answer = await acknowledge({ ...login.changing, ...headers });
      const { detail, type } = (await answer.json()) as { detail: string; type: string };
      expect([headers, answer.status, type]).toEqual([headers, 403, "urn:tourniquet:problem:cross-site"]);
      expect(detail).toContain(named);
    }
    expect((await acknowledge(login.changing)).status).toBe(404);
  });

  it("needs none of them to read", async () => {
    expect((await api.get("/api/incidents", { cookie: login.cookie })).status).toBe(200);
  });
});

describe("a change with a token", () => {
  it("needs none of them, and is still not taken from another site's page", async () => {
    expect((await acknowledge(bearer(tokens.admin))).status).toBe(404);
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const from of foreign) expect((await acknowledge({ ...bearer(tokens.admin), ...from })).status).toBe(403);
  });
});

describe("what gives money back or hands out rights", () => {
  const recover = (headers: Record<string, string>) =>
    fetch(`${api.url}/api/incidents/inc-0-abcdef012345-1/recover`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ by: "ana", rootCause: "retry loop", fix: "deployed" }),
    });
  /** As if the login had been made so long ago. */
  const age = async (ms: number) => {
    const { redis } = api.services;
    for (const key of await redis.keys("{tq:fleet}:session:*"))
      await redis.hset(key, "beganAt", Number(await redis.hget(key, "beganAt")) - ms);
  };

  it("asks a browser for a login of the last ten minutes, and a program for nothing more", async () => {
    const old = await logIn(api, tokens.admin);
    await age(9 * 60_000);
    expect((await recover(old.changing)).status).toBe(404);
    await age(61_000);
    const answer = await recover(old.changing);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ type: "urn:tourniquet:problem:fresh-login-required" }),
    ]);
    expect((await acknowledge(old.changing)).status).toBe(404);
    expect((await recover(bearer(tokens.admin))).status).toBe(404);
    const fresh = await logIn(api, tokens.admin, { cookie: old.cookie });
    expect((await recover(fresh.changing)).status).toBe(404);
  });
});
