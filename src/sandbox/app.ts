import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { adminRouter } from "./admin/router.ts";
import { agentControlRoutes } from "./agent-control/routes.ts";
import { batch } from "./batch.ts";
import { exchange, send } from "./exchange.ts";
import { Problem, problemReply } from "./problem.ts";
import { edgeRoutes } from "./rest/edge.ts";
import { restRoutes } from "./rest/index.ts";
import { serve } from "./rest/serve.ts";
import { eventStream } from "./rest/stream.ts";
import { serveSeedTools } from "./seed-tools/serve.ts";
import type { World } from "./world.ts";

/** The whole double as one express app: what the edge refuses, our own admin routes, then the forms that are switched on. */
export function createApp(world: World): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use("/_sandbox", adminRouter(world));
  app.use(refusePaths);
  app.use(express.text({ type: () => true, limit: "1mb", defaultCharset: "utf-8" }));
  agentControlRoutes(app, world);
  edgeRoutes(app, world);
  for (const route of restRoutes) app[route.method](route.path, onlyWhen(world, "rest"), serve(world, route));
  app.post("/v1/batch", onlyWhen(world, "rest"), batch(world));
  app.get("/v1/events/stream", onlyWhen(world, "rest"), eventStream(world));
  // Twice, because the seeds' default base already ends in /v1.
  for (const path of ["/v1", "/v1/v1"]) app.post(path, onlyWhen(world, "tools"), serveSeedTools(world));
  app.use(notFound(world));
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

/** Counted and struck by faults like any other call, under the name `unknown`. */
function notFound(world: World): RequestHandler {
  return exchange(world, {
    subject: () => ({ tool: "unknown", agentIds: [], escrowId: undefined }),
    answer: async () => {
      throw new Problem(404, "http-error", "Not Found");
    },
  });
}

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
