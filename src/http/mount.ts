import type { Express, Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import type { Auth } from "./auth.ts";
import { byOf, callerOf } from "./caller.ts";
import { type ChangePorts, change } from "./change.ts";
import type { AnyAsked, Endpoint, Reply } from "./endpoint.ts";
import { jsonBody } from "./json-body.ts";
import { wrongMethod } from "./method.ts";
import { invalidInput, type Problem, sendProblem } from "./problem.ts";

/**
 * Serves endpoints. In this order: who asks and whether they may (auth), the body, what was asked of schemas, whose order it is,
 * and for changes the Idempotency-Key and the audit trail (change.ts); then `act`.
 */
export function mount<P extends ChangePorts>(
  app: Express,
  ports: P,
  auth: Auth,
  endpoints: readonly Endpoint<P>[],
): void {
  for (const [path, atPath] of byPath(endpoints)) {
    const route = app.route(path.replace(/\{(\w+)\}/g, ":$1"));
    for (const one of atPath) route[one.method](permission(auth, one), ...body(one), answer(ports, one));
    route.all(wrongMethod(...atPath.map(({ method }) => method.toUpperCase())));
  }
}

function byPath<P>(endpoints: readonly Endpoint<P>[]): Map<string, Endpoint<P>[]> {
  return Map.groupBy(endpoints, ({ path }) => path);
}

/** Made once where the role is fixed. */
function permission<P>(auth: Auth, { role, openHere = false }: Endpoint<P>): RequestHandler {
  if (typeof role !== "function") return auth.require(role, { openHere });
  return (req, res, next) => auth.require(role(req), { openHere })(req, res, next);
}

const body = <P>({ method }: Endpoint<P>): RequestHandler[] => (method === "get" ? [] : [jsonBody()]);

function answer<P extends ChangePorts>(ports: P, endpoint: Endpoint<P>): RequestHandler {
  return async (req, res) => {
    const asked = read(endpoint, req, res);
    if (asked === null) return sendProblem(res, noSuch(endpoint));
    const act = async () => endpoint.act(ports, asked);
    const reply = endpoint.method === "get" ? await act() : await change(ports, endpoint, asked, act);
    send(res, reply ?? { problem: noSuch(endpoint) });
  };
}

/** Null where the path cannot name anything of ours. Throws input-invalid that names every field of query and body that is wrong. */
function read<P>(endpoint: Endpoint<P>, req: Request, res: Response): AnyAsked | null {
  const caller = callerOf(res);
  const params = endpoint.params?.safeParse(req.params);
  if (params?.success === false) return null;
  const query = endpoint.query?.safeParse(req.query);
  const said = endpoint.body && withName(endpoint.body, (req.body ?? {}) as Record<string, unknown>, res);
  const body = endpoint.body?.safeParse(said);
  const issues = [...(query?.error?.issues ?? []), ...(body?.error?.issues ?? [])];
  if (issues.length > 0) throw invalidInput(issues, endpoint.says ?? "What was sent has mistakes.");
  return {
    caller,
    req,
    res,
    params: params?.data ?? {},
    query: query?.data ?? {},
    body: body?.data ?? {},
  };
}

/** A personal credential says by itself whose order it is (caller.ts). */
function withName(schema: z.ZodObject, said: Record<string, unknown>, res: Response): Record<string, unknown> {
  if (!("by" in schema.shape) || (said.by !== undefined && typeof said.by !== "string")) return said;
  const by = byOf(callerOf(res), said.by);
  return by === undefined ? said : { ...said, by };
}

const noSuch = <P>({ unknown }: Endpoint<P>): Problem => ({
  status: 404,
  kind: unknown?.kind ?? "not-found",
  detail: unknown?.detail ?? "There is no such thing.",
});

function send(res: Response, reply: Exclude<Reply, null>): void {
  if (reply === "sent") return;
  if ("problem" in reply) {
    sendProblem(res, reply.problem);
    return;
  }
  if (reply.headers) res.set(reply.headers);
  if ("text" in reply) res.type(reply.type).send(reply.text);
  else if (reply.body === undefined) res.status(reply.status).end();
  else res.status(reply.status).json(reply.body);
}
