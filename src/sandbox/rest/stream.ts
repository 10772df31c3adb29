import type { Request, RequestHandler, Response } from "express";
import { busRow, readBus } from "../event-bus.ts";
import { send } from "../exchange.ts";
import { authenticate, readToken } from "../keys.ts";
import { Problem, problemReply } from "../problem.ts";
import type { World } from "../world.ts";

const POLL_MS = 1_000;
const HEARTBEAT_MS = 5_000;

/** The bus as server-sent events: any key, exact type, `agent_id` compared with the source. Payloads untouched, so hashes check. */
export function eventStream(world: World): RequestHandler {
  return (req, res) => {
    try {
      authenticate(world, readToken(req.headers));
      stream(world, req, res, startId(req));
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(500, "internal-error", String(error));
      send(res, problemReply(problem, req.path));
    }
  };
}

/** Last-Event-ID wins; a number that is none breaks the real one too. */
function startId(req: Request): number {
  const text = req.get("last-event-id") ?? req.query.since_id ?? "0";
  if (!/^-?\d+$/.test(String(text))) throw new Problem(500, "internal-error", "invalid literal for int()");
  return Number(text);
}

function stream(world: World, req: Request, res: Response, sinceId: number): void {
  const eventType = typeof req.query.event_type === "string" ? req.query.event_type : undefined;
  let lastId = sinceId;
  const pump = () => {
    for (const row of readBus(world, { eventType, sinceId: lastId, limit: -1 })) {
      lastId = row.id;
      if (req.query.agent_id !== undefined && row.source !== req.query.agent_id) continue;
      res.write(`id: ${row.id}\ndata: ${JSON.stringify(busRow(row))}\n\n`);
    }
  };
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  res.flushHeaders();
  pump();
  const timers = [setInterval(pump, POLL_MS), setInterval(() => res.write(": heartbeat\n\n"), HEARTBEAT_MS)];
  res.once("close", () => timers.forEach(clearInterval));
}
