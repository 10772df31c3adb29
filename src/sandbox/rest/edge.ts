import type { Express } from "express";
import { exchange } from "../exchange.ts";
import { Problem } from "../problem.ts";
import type { World } from "../world.ts";

/** What answers before any tool: health, and the old calling form that is gone for good. */
const VERSION = "1.4.10";

export function edgeRoutes(app: Express, world: World): void {
  app.get("/v1/health", (req, res, next) => {
    if (world.settings.forms === "tools") return next();
    return health(req, res, next);
  });
  app.post("/v1/execute", (req, res, next) => {
    if (world.settings.forms === "tools") return next();
    return execute(req, res, next);
  });
  const health = exchange(world, {
    subject: () => ({ tool: "health", agentIds: [], escrowId: undefined }),
    answer: async () => ({ status: 200, headers: {}, body: { status: "ok", version: VERSION } }),
  });
  const execute = exchange(world, {
    subject: () => ({ tool: "execute", agentIds: [], escrowId: undefined }),
    answer: async () => {
      throw new Problem(410, "endpoint-removed", "POST /v1/execute has been removed; use the dedicated endpoints", {
        Deprecation: "true",
        Sunset: "Thu, 01 Oct 2026 00:00:00 GMT",
        Link: '</v1/pricing>; rel="sunset"',
      });
    },
  });
}
