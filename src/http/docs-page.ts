import { Router } from "express";
import type { openApiDocument } from "./openapi.ts";

interface Told {
  summary?: string;
  description?: string;
  tags?: readonly string[];
}

/** GET /docs: every address as a page without a script, told by the description itself. */
export function docsPage(description: ReturnType<typeof openApiDocument>): Router {
  const page = pageOf(description);
  return Router()
    .get("/docs", (_req, res) => void res.type("html").send(page))
    .get("/docs.css", (_req, res) => void res.type("css").send(STYLE));
}

const STYLE = `:root { color-scheme: light dark }
body { max-width: 46rem; margin: 0 auto; padding: 1rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h2 { margin-top: 2.5rem; text-transform: capitalize }
dt { margin-top: 1.25rem; font-weight: 600 }
dt, code { font-family: ui-monospace, monospace; font-size: 0.9375rem }
dd { margin: 0.25rem 0 0 }
`;

function pageOf({ paths, tags = [], info }: ReturnType<typeof openApiDocument>): string {
  const all = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Told>).map(([method, told]) => ({ path, method, ...told })),
  );
  const sections = tags.map(({ name }) => {
    const rows = all.filter((one) => one.tags?.includes(name)).map(rowOf);
    return `<h2>${escaped(name)}</h2>\n<dl>\n${rows.join("\n")}\n</dl>`;
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/docs.css">
<title>Tourniquet: the HTTP API</title>
<h1>Tourniquet ${escaped(info.version)}: the HTTP API</h1>
<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${sections.join("\n")}
</html>
`;
}

function rowOf({ path, method, summary = "", description = "" }: Told & { path: string; method: string }): string {
  const isPlain = method === "get" && !path.includes("{");
  const address = `${method.toUpperCase()} ${isPlain ? `<a href="${path}">${path}</a>` : escaped(path)}`;
  return `<dt>${address}</dt><dd>${marked(`${summary}. ${description}`)}</dd>`;
}

/** Code in the description stands between backticks. */
const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one] ?? one);
