import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { openServices, type Services } from "../../src/services.ts";
import { until } from "../support/until.ts";
import { budgetEvent, nativeHeaders, SECRET } from "./api.ts";
import { bearer } from "./logging-in.ts";

const ADMIN = "admin-token-of-16-characters";
const AGENT = "agent-token-of-16-characters";
const environment = (more: Record<string, string> = {}) => ({
  REDIS_URL: `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`,
  ...{ PORT: "0", LOG_LEVEL: "silent", ADMIN_TOKEN: ADMIN, AGENT_TOKEN: AGENT, GREENHELIX_DIALECT: "rest" },
  GREENHELIX_WEBHOOK_SECRETS: SECRET,
  ...more,
});

async function start(more: Record<string, string>): Promise<{ services: Services; server: RunningServer }> {
  const { config, settings } = loadConfig(environment(more));
  const services = await openServices(config, settings, "test", "producer");
  return { services, server: await startServer(services) };
}

let services: Services;
let server: RunningServer;
beforeAll(async () => {
  ({ services, server } = await start({ ADMIN_PORT: "0" }));
});
afterAll(async () => {
  await server.close();
  await services.close();
});

const status = async (url: string, init: RequestInit = {}) =>
  (await fetch(url, { redirect: "manual", ...init })).status;
const admin = { headers: bearer(ADMIN) };
const html = { accept: "text/html" };
function webhook(): RequestInit {
  const body = JSON.stringify(budgetEvent(97));
  return { method: "POST", body, headers: { "content-type": "application/json", ...nativeHeaders(body) } };
}

describe("with ADMIN_PORT", () => {
  it("the port of machines takes webhooks, is asked for health, and tells agents of their breaker", async () => {
    expect(server.adminUrl).not.toBe(server.url);
    expect(await status(`${server.url}/webhooks/greenhelix`, webhook())).toBe(202);
    expect(await status(`${server.url}/healthz`)).toBe(200);
    expect(await status(`${server.url}/readyz`)).toBe(200);
    expect(await status(`${server.url}/api/agents/a-1/breaker`, { headers: bearer(AGENT) })).toBe(200);
  });

  it("the port of machines has nothing for people, whoever asks", async () => {
    const paths = [
      "/",
      "/login",
      "/incidents",
      "/api/incidents",
      "/api/session",
      "/api/tokens",
      "/api/live",
      "/openapi.json",
    ];
    const more = [
      "/metrics",
      "/admin/queues",
      "/admin/queues/api/queues",
      "/api/agents/a-1/breaker/reset",
      "/assets/app.js",
    ];
    const dressed = [
      "//api/incidents",
      "/api/agents/a-1/breaker/../../../incidents",
      "/API/INCIDENTS",
      "/api/agents/%2e%2e/breaker/x",
    ];
    for (const path of [...paths, ...more, ...dressed]) {
      expect([path, await status(server.url + path, admin)]).toEqual([path, 404]);
      expect([path, await status(server.url + path, { headers: html })]).toEqual([path, 404]);
    }
    const login = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: ADMIN }),
    };
    expect(await status(`${server.url}/login`, login)).toBe(404);
    expect(await status(`${server.url}/api/agents/a-1/breaker/reset`, { ...admin, method: "POST" })).toBe(404);
  });

  it("the port of people has all the rest, and takes no webhook", async () => {
    for (const path of [
      "/healthz",
      "/readyz",
      "/metrics",
      "/openapi.json",
      "/api/incidents",
      "/admin/queues",
      "/api/agents/a-1/breaker",
    ])
      expect([path, await status(server.adminUrl + path, admin)]).toEqual([path, 200]);
    for (const path of ["/webhooks/greenhelix", "/incidents/webhook", "/webhooks/agent-activity"])
      expect([path, await status(server.adminUrl + path, webhook())]).toEqual([path, 404]);
  });

  it("shows there what was taken on the other", async () => {
    const refused = async () => {
      const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
      return Number(/webhook_answers_total\{status="401"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await refused();
    await fetch(`${server.url}/webhooks/greenhelix`, { ...webhook(), headers: { "content-type": "application/json" } });
    // One collection answers everybody for a second.
    const after = await until(async () => ((await refused()) > before ? refused() : null), "the next collection");
    expect(after).toBe(before + 1);
  });
});

describe("without it", () => {
  it("everything is on one port", async () => {
    const one = await start({});
    expect(one.server.adminUrl).toBe(one.server.url);
    expect(await status(`${one.server.url}/webhooks/greenhelix`, webhook())).toBe(202);
    expect(await status(`${one.server.url}/api/incidents`, admin)).toBe(200);
    await one.server.close();
    await one.services.close();
  });
});

describe("an admin port that somebody has", () => {
  it("ends the start, and leaves nothing listening", async () => {
    const { port } = new URL(server.adminUrl);
    const { config, settings } = loadConfig(environment({ ADMIN_PORT: port }));
    const other = await openServices(config, settings, "test", "producer");
    await expect(startServer(other)).rejects.toMatchObject({ code: "EADDRINUSE", port: Number(port) });
    await other.close();
  });
});
