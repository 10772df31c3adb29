import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer } from "./logging-in.ts";

const viewer = bearer(tokens.viewer);
let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

describe("every answer to people", () => {
  const strict = {
    "content-security-policy":
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
      "form-action 'self';base-uri 'none';frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
  const paths = [
    "/",
    "/login",
    "/incidents",
    "/api/incidents",
    "/api/session",
    "/api/nowhere",
    "/metrics",
    "/openapi.json",
    "/admin/queues",
  ];

  it("carries the strict headers, whoever asks, and no word of what it is made with", async () => {
    for (const path of paths)
      for (const headers of [viewer, {}, { accept: "text/html" }] as Record<string, string>[]) {
        const { headers: answered } = await api.get(path, headers);
        const { "content-security-policy": policy, ...others } = strict;
        for (const [name, value] of Object.entries(others))
          expect([path, name, answered.get(name)]).toEqual([path, name, value]);
        const board = policy
          .replace("base-uri 'none'", "base-uri 'self'")
          .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
        expect(answered.get("content-security-policy")).toBe(path === "/admin/queues" ? board : policy);
        expect(answered.get("x-powered-by")).toBeNull();
        expect(answered.get("strict-transport-security")).toBeNull();
      }
  });

  it("tells browsers to stay with https only where they came by it", async () => {
    const behind = await openApi({ tokens, joins: true, ports: () => ({ trustedProxies: ["127.0.0.1"] }) });
    for (const path of paths) {
      const overTls = await behind.get(path, { "x-forwarded-proto": "https" });
      expect(overTls.headers.get("strict-transport-security")).toBe("max-age=63072000");
    }
    const untrusted = await api.get("/login", { "x-forwarded-proto": "https" });
    expect(untrusted.headers.get("strict-transport-security")).toBeNull();
    await behind.close();
  });
});
