import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { adminRouter } from "./admin/router.ts";
import { send } from "./exchange.ts";
import { Problem, problemReply } from "./problem.ts";
import { edgeRoutes } from "./rest/edge.ts";
import { restRoutes } from "./rest/index.ts";
import { serve } from "./rest/serve.ts";
import type { World } from "./world.ts";

/** The whole double as one express app: what the edge refuses, our own admin routes, then the forms that are switched on. */
export function createApp(world: World): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use("/_sandbox", adminRouter(world));
  app.use(refusePaths);
  app.use(express.text({ type: () => true, limit: "1mb", defaultCharset: "utf-8" }));
  edgeRoutes(app, world);
  for (const route of restRoutes) app[route.method](route.path, onlyWhen(world, "rest"), serve(world, route));
  app.use(notFound);
  app.use(failed);
  return app;
}

/** Lets a request through to its route only while that calling form is served; else it falls through to 404. */
export function onlyWhen(world: World, form: "rest" | "tools"): RequestHandler {
  return (_req, _res, next) =>
    next(world.settings.forms === form || world.settings.forms === "both" ? undefined : "route");
}

const refusePaths: RequestHandler = (req, _res, next) => {
  if (/%2f|%5c/i.test(req.path))
    throw new Problem(400, "encoded-path-separator", "Encoded path separators are not allowed");
  if (req.path.split("/").some((part) => part.length > 128))
    throw new Problem(400, "path-too-long", "Path segment too long");
  next();
};

const notFound: RequestHandler = (req, res) =>
  send(res, problemReply(new Problem(404, "http-error", "Not Found"), req.path));

const failed: ErrorRequestHandler = (error, req, res, _next) => {
  send(res, problemReply(error instanceof Problem ? error : fromParser(error), req.path));
};

/** What the body reader throws carries a status and a type of its own. */
function fromParser(error: { status?: number; message?: string }): Problem {
  if (error.status === 413) return new Problem(413, "payload-too-large", "Request body too large");
  return error.status === 400
    ? new Problem(400, "bad-request", String(error.message))
    : new Problem(500, "internal-error", String(error.message));
}
