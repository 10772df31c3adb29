import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express, RequestHandler } from "express";
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
      const shown = new BullMQAdapter(bull, { readOnlyMode: true, prefix });
      shown.setFormatter("data", whichOne);
      shown.setFormatter("returnValue", () => null);
      return shown;
    }),
    serverAdapter,
    options: { uiConfig: { boardTitle: "Tourniquet", miscLinks: [{ text: "Console", url: "/" }] } },
  });
  const board = serverAdapter.getRouter() as Express;
  board.disable("x-powered-by");
  withoutForeignFont(board);
  return [onlyReading, board];
}

type Render = (path: string, params: object, done: (error: unknown, html?: string) => void) => void;

/** The board's page asks another site for a font, which the policy refuses: so it is not asked for. */
function withoutForeignFont(board: Express): void {
  const { engines } = board as unknown as { engines: Readonly<Record<string, Render>> };
  const render = engines[".ejs"];
  if (render === undefined) return;
  board.engine("ejs", (path, params, done) =>
    render(path, params, (error, html) => done(error, html?.replace(/<link href="https:[^>]*>/, ""))),
  );
}

/** What a job is about, and nothing else of it, whatever somebody puts into jobs one day (guarantees.md section 7). */
function whichOne(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return null;
  const shown = Object.entries(data).flatMap(([field, value]) => {
    if (/Id$|^(?:kind|what|part|look|channel|priority|level)$/.test(field)) return [[field, value] as const];
    return typeof value === "object" && value !== null ? [[field, whichOne(value)] as const] : [];
  });
  return Object.fromEntries(shown);
}

/**
 * The board's own read-only mode guards each queue and leaves "pause all" open, which would stop every freeze: so nothing
 * but reading reaches it at all.
 */
const onlyReading: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD") {
    req.url = withShortPages(req.url);
    return next();
  }
  sendProblem(res, {
    status: 405,
    kind: "read-only",
    detail: "The board is for looking. What changes things goes through the API and the command line.",
    headers: { allow: "GET, HEAD" },
  });
};

/** The board reads as many jobs as it is asked for, of every queue, and webhooks of this process would wait for them. */
const MOST_JOBS = 50;

function withShortPages(url: string): string {
  const [path, query] = url.split("?", 2);
  const asked = new URLSearchParams(query);
  if (!asked.has("jobsPerPage")) return url;
  const [first] = asked.getAll("jobsPerPage");
  asked.set("jobsPerPage", String(Math.min(MOST_JOBS, Number(first) || MOST_JOBS)));
  return `${path}?${asked}`;
}
