import express, { type ErrorRequestHandler, type RequestHandler, type Router } from "express";
import { ZodError } from "zod";
import { Problem } from "../problem.ts";
import type { World } from "../world.ts";
import { agentRoutes } from "./agents.ts";
import { observationRoutes } from "./observations.ts";
import { switchRoutes } from "./switches.ts";
import { webhookAdminRoutes } from "./webhooks.ts";

/** `/_sandbox/*`: what no gateway has. Without a key, and therefore for callers on the same machine only. */
export function adminRouter(world: World): Router {
  const router = express.Router();
  router.use(loopbackOnly);
  router.use(express.json({ limit: "4mb" }));
  agentRoutes(router, world);
  switchRoutes(router, world);
  webhookAdminRoutes(router, world);
  observationRoutes(router, world);
  router.use((_req, res) => res.status(404).json({ error: "no such sandbox route" }));
  router.use(refused);
  return router;
}

const loopbackOnly: RequestHandler = (req, res, next) => {
  const address = req.socket.remoteAddress ?? "";
  if (/^(::ffff:)?127\./.test(address) || address === "::1") return next();
  res.status(403).json({ error: "the sandbox's admin routes answer on loopback only" });
};

const refused: ErrorRequestHandler = (error, _req, res, _next) => {
  if (error instanceof ZodError)
    return res.status(422).json({ error: error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) });
  if (error instanceof Problem) return res.status(error.status).json({ error: error.message });
  return res.status(error.status ?? 500).json({ error: String(error.message ?? error) });
};
