import type { Request, RequestHandler, Response } from "express";
import type { StandingRule, Subject } from "./faults.ts";
import { edgeUnavailable, Problem, problemReply, type Reply } from "./problem.ts";
import type { World } from "./world.ts";

/** How one request is answered, given how long an injected late effect should sleep in its middle. */
export type Work = (midwayMs?: number) => Promise<Reply>;

export interface Exchange {
  subject: (req: Request) => Subject;
  answer: (req: Request, midwayMs: number | undefined) => Promise<Reply>;
  isUnwrapped?: boolean;
}

/** Everything around an answer that has nothing to do with what was asked: counting, latency, faults, the request limit. */
export function exchange(world: World, { subject, answer, isUnwrapped }: Exchange): RequestHandler {
  return async (req, res) => {
    const about = subject(req);
    const isFull = world.requests.inFlight() >= world.settings.maxInFlight;
    world.requests.enter(about.tool);
    res.once("close", () => world.requests.leave(about.tool, res.writableFinished ? res.statusCode : 0));
    if (isFull) return send(res, edgeUnavailable());
    await latency(world);
    const work: Work = (midwayMs) => settled(answer(req, midwayMs), req.path);
    const fault = world.faults.strike(about);
    if (fault) return strike(world, fault, work, req, res);
    const reply = await withinLimit(world, work(), req.path);
    send(
      res,
      withRequestId(req, reply, isUnwrapped === true),
      isUnwrapped === true && world.settings.closesAfterErrors,
    );
  };
}

/** A refusal becomes its problem document; anything else is our own defect and shows as the real one's 500 would. */
async function settled(answer: Promise<Reply>, path: string): Promise<Reply> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem) return problemReply(error, path);
    return problemReply(new Problem(500, "internal-error", String(error)), path);
  }
}

async function withinLimit(world: World, reply: Promise<Reply>, path: string): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Reply>((resolve) => {
    const late = () => resolve(problemReply(new Problem(504, "request-timeout", "Request timed out"), path));
    timer = setTimeout(late, world.settings.requestLimitMs);
  });
  try {
    return await Promise.race([reply, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function strike(world: World, fault: StandingRule, work: Work, req: Request, res: Response): Promise<void> {
  const failed = () => problemReply(new Problem(500, "internal-error", "Internal server error"), req.path);
  switch (fault.kind) {
    case "429":
      return send(res, problemReply(new Problem(429, "rate-limit-exceeded", "Rate limit exceeded"), req.path));
    case "503-html":
      return send(res, edgeUnavailable());
    case "500-before":
      return send(res, failed());
    case "500-after":
      await work();
      return send(res, failed());
    case "reset-before":
      return cut(res);
    case "reset-after":
      await work();
      return cut(res);
    case "slow-body":
      return drip(res, await work(), fault.lateMs ?? 10_000);
    case "timeout-late-effect":
      // The caller hears nothing before the request limit; the effect lands meanwhile, whether anybody still waits or not.
      void work(fault.lateMs ?? 3_000);
      return send(res, await withinLimit(world, new Promise(() => undefined), req.path));
  }
}

export function send(res: Response, reply: Reply, closesAfterErrors = false): void {
  if (res.destroyed) return;
  res.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers)) res.setHeader(name, value);
  const { socket } = res; // Taken now: a finished response no longer knows its connection.
  if (closesAfterErrors && reply.status >= 400) res.once("finish", () => socket?.end());
  if (typeof reply.body === "string") res.end(reply.body);
  else {
    if (!res.hasHeader("Content-Type")) res.setHeader("Content-Type", "application/json");
    res.end(JSON.stringify(reply.body));
  }
}

/** Given back on every answer but the errors of unwrapped handlers; on success twice, so that a joined header reads "id, id". */
function withRequestId(req: Request, reply: Reply, isUnwrapped: boolean): Reply {
  const id = req.get("x-request-id");
  if (id === undefined || (isUnwrapped && reply.status >= 400)) return reply;
  return { ...reply, headers: { ...reply.headers, "X-Request-ID": reply.status < 400 ? [id, id] : id } };
}

function cut(res: Response): void {
  res.socket?.resetAndDestroy();
}

/** Headers at once, the body in twenty pieces spread over `lengthMs`. */
function drip(res: Response, reply: Reply, lengthMs: number): void {
  const body = Buffer.from(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  res.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers, "Content-Length": body.length });
  const pieceLength = Math.max(1, Math.ceil(body.length / 20));
  let sent = 0;
  const timer = setInterval(() => {
    if (res.destroyed) return clearInterval(timer);
    res.write(body.subarray(sent, sent + pieceLength));
    sent += pieceLength;
    if (sent < body.length) return;
    clearInterval(timer);
    res.end();
  }, lengthMs / 20);
  res.flushHeaders();
  res.once("close", () => clearInterval(timer));
}

function latency(world: World): Promise<void> {
  const { ms, jitterMs } = world.settings.latency;
  const waitMs = ms + (jitterMs > 0 ? world.random() * jitterMs : 0);
  return waitMs > 0 ? new Promise((resolve) => setTimeout(resolve, waitMs)) : Promise.resolve();
}
