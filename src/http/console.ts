import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import express, { type RequestHandler, type Router } from "express";
import type { Log } from "../incident/ports.ts";
import { wrongMethod } from "./method.ts";
import { type Problem, sendProblem } from "./problem.ts";

const ENTRY = fileURLToPath(new URL("../console/main.tsx", import.meta.url));

/** The first part of every path of the console's pages (console/pages/index.ts). */
const PAGES = [
  ...["incidents", "cascades", "fleet", "dead-letters", "drills", "settings", "tunings", "audit", "tokens"],
  ...["signals", "silences"],
];

/** Script and style under names that tell their content, so that a browser keeps them for good. */
interface Bundle {
  shell: string;
  assets: ReadonlyMap<string, { type: string; body: Buffer; gzip: Buffer }>;
}

/**
 * The web console (O3): one page for every path of it, and its assets. Bundled in memory when it is first asked for, by a process
 * of its own that ends with it: webhooks never wait for that. A bundle that fails is a 500 of the console alone, tried again by the
 * next who asks. entry: what the bundle begins with.
 */
export function consolePages({ log }: { log: Log }, entry = ENTRY): Router {
  let bundling: Promise<Bundle> | null = null;
  const bundle = () => {
    bundling ??= bundleConsole(entry).catch((error: unknown) => {
      bundling = null;
      log.error({ error: String(error) }, "console.bundle-failed");
      return Promise.reject(error);
    });
    return bundling;
  };
  /** Null where it cannot be put together: the log has said why. */
  const bundled = () => bundle().catch(() => null);
  const router = express.Router();
  router.get("/assets/:name", async (req, res) => {
    const asset = (await bundled())?.assets.get(String(req.params.name));
    if (!asset) return sendProblem(res, { status: 404, kind: "no-such-asset", detail: "Load the page again." });
    res.setHeader("cache-control", "public, max-age=31536000, immutable");
    const isSmall = req.acceptsEncodings(["gzip", "identity"]) === "gzip";
    if (isSmall) res.setHeader("content-encoding", "gzip");
    res
      .vary("accept-encoding")
      .type(asset.type)
      .send(isSmall ? asset.gzip : asset.body);
  });
  const shell: RequestHandler = async (_req, res) => {
    const ready = await bundled();
    if (ready) res.type("text/html; charset=utf-8").send(ready.shell);
    else sendProblem(res, notBundled);
  };
  // Without the console there is still a login that needs no script (login.ts).
  router.get("/login", async (req, res, next) => ((await bundled()) ? shell(req, res, next) : next()));
  for (const page of PAGES) router.get([`/${page}`, `/${page}/{*rest}`], shell);
  // A program that asks the root is told where the addresses are (app.ts).
  router.get("/", (req, res, next) => (req.accepts(["json", "html"]) === "html" ? shell(req, res, next) : next()));
  router.all("/assets/:name", wrongMethod("GET"));
  return router;
}

const notBundled: Problem = {
  status: 500,
  kind: "console-not-bundled",
  detail:
    "The console could not be put together; the log says why (console.bundle-failed). The API works all the same.",
};

async function bundleConsole(entry: string): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: { app: entry },
    outdir: "/assets",
    entryNames: "[name]-[hash]",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
  }).finally(() => stop());
  const assets = new Map(
    outputFiles.map(({ path, contents }) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const body = Buffer.from(contents);
      const type = name.endsWith(".css") ? "text/css" : "text/javascript";
      return [name, { type, body, gzip: gzipSync(body, { level: 9 }) }] as const;
    }),
  );
  return { assets, shell: shellOf([...assets.keys()]) };
}

/** A circle held by a band, as a picture in the address: nothing is asked for beside our own assets. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23c4262e'/%3E%3Cpath d='M8 11h16v3.5H8zM14 14.5h4V25h-4z' fill='%23fff'/%3E%3C/svg%3E";

function shellOf(names: readonly string[]): string {
  const href = (end: string) => `/assets/${names.find((name) => name.endsWith(end)) ?? ""}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f6f7f9" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0d1015" media="(prefers-color-scheme: dark)">
<title>Tourniquet</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${href(".css")}">
<script type="module" src="${href(".js")}"></script>
</head>
<body>
<div id="app"></div>
<noscript>The console needs JavaScript. The command line shows the same: npx tourniquet incidents list</noscript>
</body>
</html>
`;
}
