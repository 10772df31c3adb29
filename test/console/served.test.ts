import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "../http/api.ts";

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

const assetsOf = (page: string) => [...page.matchAll(/"(\/assets\/app-[\w-]+\.(?:js|css))"/g)].map(([, path]) => path!);

describe("a browser that asks for the console", () => {
  it.each([
    "/",
    "/login",
    "/incidents",
    "/incidents/inc-0-a-1",
    "/incidents/inc-0-a-1/post-mortem",
    "/fleet",
    "/audit",
  ])("gets its page at %s, whether logged in or not", async (path) => {
    const page = await api.get(path, html);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.text).toContain('<div id="app">');
  });

  it("finds every page that the console has, also after a reload", async () => {
    const registry = readFileSync(new URL("../../src/console/pages/index.ts", import.meta.url), "utf8");
    const paths = [...registry.matchAll(/path: "(\/[^"]*)"/g)].map(([, path]) => path!.replace(/:\w+/g, "some"));
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) expect([path, (await api.get(path, html)).status]).toEqual([path, 200]);
  });

  it("is held to scripts and styles of ours by a policy, and the page needs no other", async () => {
    const page = await api.get("/", html);
    expect(page.headers.get("content-security-policy")).toMatch(
      /default-src 'none';script-src 'self';style-src 'self'/,
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.text).not.toMatch(/<script>|<style|\sstyle=|\son\w+=/);
    expect(page.text.replace(/data:image\/svg[^"]+/, "")).not.toMatch(/https?:/);
  });

  it("keeps script and style for good: their names tell their content", async () => {
    const assets = assetsOf((await api.get("/", html)).text);
    expect(assets).toHaveLength(2);
    for (const path of assets) {
      const asset = await api.get(path);
      expect(asset.status).toBe(200);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(asset.text).not.toMatch(/sourceMappingURL|@import|url\(["']?https?:/);
    }
  });

  it("loads little: a phone at night may have little to load it with", async () => {
    const [js] = assetsOf((await api.get("/", html)).text).filter((path) => path.endsWith(".js"));
    const asset = await api.get(js!, { "accept-encoding": "gzip" });
    expect(asset.headers.get("content-encoding")).toBe("gzip");
    expect(Number(asset.headers.get("content-length"))).toBeLessThan(90_000);
  });

  it("is told to load the page again where it has an older one", async () => {
    const gone = await api.get("/assets/app-OLD.js");
    expect(gone.status).toBe(404);
    expect(gone.body.detail).toBe("Load the page again.");
  });
});

describe("a program that asks the root", () => {
  it("is told the addresses", async () => {
    const root = await api.get("/", { accept: "*/*" });
    expect(root.body.name).toBe("tourniquet");
  });
});
