import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { RequestHandler } from "express";
import type { Queues } from "../queues/dispatch.ts";

/**
 * Bull Board over every queue (mission O2), to look and not to touch: promoting or editing a job by hand would go round
 * the claims and gates. It has no login of its own, so whoever mounts it puts one in front.
 */
export function bullBoard(queues: Pick<Queues, "all">, basePath: string): RequestHandler {
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
  return serverAdapter.getRouter() as RequestHandler;
}
