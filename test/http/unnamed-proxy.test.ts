import express, { type Request, type Response } from "express";
import { describe, expect, it } from "vitest";
import { noteUnnamedProxy } from "../../src/http/unnamed-proxy.ts";
import { openApi } from "./api.ts";

const forwarded = { "x-forwarded-for": "203.0.113.7" };

describe("a request that came through a proxy which TRUSTED_PROXIES does not name", () => {
  it("is told of by readiness from then on, and once in the log, with the proxy's address", async () => {
    const api = await openApi();
    const warned = async () =>
      ((await api.get("/readyz")).body.warnings as { field: string }[]).map(({ field }) => field);
    expect(await warned()).toEqual([]);
    for (const path of ["/api/incidents", "/login", "/api/incidents"]) await api.get(path, forwarded);
    expect(await warned()).toEqual(["TRUSTED_PROXIES"]);
    expect(api.lines.map((line) => JSON.parse(line)).filter(({ what }) => what === "proxy.not-named")).toEqual([
      { level: "warn", address: expect.stringContaining("127.0.0.1"), what: "proxy.not-named" },
    ]);
    await api.close();
  });

  it("is nothing to tell where it is named", async () => {
    const api = await openApi({ ports: () => ({ trustedProxies: ["127.0.0.1"] }) });
    await api.get("/api/incidents", forwarded);
    expect((await api.get("/readyz")).body.warnings).toEqual([]);
    await api.close();
  });

  it.each([
    ["203.0.113.9", 0],
    ["10.0.0.5", 1],
    ["::ffff:10.0.0.5", 1],
  ])("from %s counts only where it is of the own network: others may say what they like", (remoteAddress, told) => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { note, warnings } = noteUnnamedProxy(express(), log);
    note({ headers: forwarded, socket: { remoteAddress } } as unknown as Request, {} as Response, () => undefined);
    expect(warnings()).toHaveLength(told);
  });
});
