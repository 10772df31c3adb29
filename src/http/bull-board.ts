import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { RequestHandler } from "express";
import type { Queues } from "../queues/dispatch.ts";
import { sendProblem } from "./problem.ts";

/**
 * Bull Board over every queue (mission O2), to look and not to touch: promoting or editing a job by hand would go round
 * the claims and gates. It has no login of its own, so whoever mounts it puts one in front.
 */
export function bullBoard(queues: Pick<Queues, "all">, basePath: string): readonly RequestHandler[] {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(basePath);
  const rows = queues.all();
  const isPartitioned = rows.some(({ partition }) => partition > 0);
  createBullBoard({
    queues: rows.map(({ bull, partition }) => {
      // The board knows queues by name, and every partition has the same names.
      const prefix = isPartitioned ? `${partition}-` : "";
      return new BullMQAdapter(bull, { readOnlyMode: true, prefix });
    }),
    serverAdapter,
    options: { uiConfig: { boardTitle: "Tourniquet", miscLinks: [{ text: "Incidents", url: "/api/incidents" }] } },
  });
  return [onlyReading, serverAdapter.getRouter() as RequestHandler];
}

/**
 * The board's own read-only mode guards each queue and leaves "pause all" open, which would stop every freeze: so nothing
 * but reading reaches it at all.
 */
const onlyReading: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD") return next();
  sendProblem(res, {
    status: 405,
    kind: "read-only",
    detail: "The board is for looking. What changes things goes through the API and the command line.",
    headers: { allow: "GET, HEAD" },
  });
};
