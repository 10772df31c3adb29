import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import request from "supertest";
import { afterAll, describe, expect, it } from "vitest";
import { consolePages } from "../../src/http/console.ts";

const folder = mkdtempSync(join(tmpdir(), "tourniquet-console-"));
const entry = join(folder, "main.tsx");
const lines: string[] = [];
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_: unknown, what: string) => void lines.push(what),
};

const app = express();
app.use(consolePages({ log }, entry));
app.get("/login", (_req, res) => void res.send("a login without script"));
app.get("/api/incidents", (_req, res) => void res.json({ incidents: [] }));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a console that cannot be put together", () => {
  it("says so, logs why, and takes nothing else with it", async () => {
    writeFileSync(entry, 'import "./what-is-not-there.ts";');
    const page = await request(app).get("/incidents");
    expect(page.status).toBe(500);
    expect(page.body.detail).toMatch(/console\.bundle-failed/);
    expect(lines).toEqual(["console.bundle-failed"]);
    expect((await request(app).get("/api/incidents")).status).toBe(200);
    expect((await request(app).get("/login")).text).toBe("a login without script");
  });

  it("is tried again by the next who asks", async () => {
    writeFileSync(entry, 'import "./main.css";\nconsole.log("mended");');
    writeFileSync(join(folder, "main.css"), "p { color: red }");
    expect((await request(app).get("/incidents")).status).toBe(200);
    expect((await request(app).get("/login")).text).toContain('<div id="app">');
  });
});
