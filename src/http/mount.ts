import type { Express, Request, RequestHandler, Response } from "express";
import { z } from "zod";
import type { Auth } from "./auth.ts";
import { byOf, callerOf } from "./caller.ts";
import { type ChangePorts, change } from "./change.ts";
import { type AnyAsked, type Endpoint, isChange, type Reply } from "./endpoint.ts";
import { fileBody, jsonBody } from "./json-body.ts";
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

function permission<P>(auth: Auth, { role, freshLogin = false }: Endpoint<P>): RequestHandler {
  return auth.require(role, { freshLogin });
}

function body<P>({ method, file }: Endpoint<P>): RequestHandler[] {
  if (method === "get") return [];
  return [file ? fileBody(file) : jsonBody()];
}

function answer<P extends ChangePorts>(ports: P, endpoint: Endpoint<P>): RequestHandler {
  return async (req, res) => {
    const asked = read(endpoint, req, res);
    if (asked === null) return sendProblem(res, noSuch(endpoint));
    const act = async () => endpoint.act(ports, asked);
    const reply = isChange(endpoint) ? await change(ports, endpoint, asked, act) : await act();
    send(res, reply ?? { problem: noSuch(endpoint) });
  };
}

const nothing = z.strictObject({});

/** Null where the path cannot name anything of ours. Throws input-invalid that names every field of query and body that is wrong. */
function read<P>(endpoint: Endpoint<P>, req: Request, res: Response): AnyAsked | null {
  const params = endpoint.params?.safeParse(req.params);
  if (params?.success === false) return null;
  const isFile = endpoint.file !== undefined;
  const sent = (isFile ? undefined : req.body) ?? {};
  const query = (endpoint.query ?? nothing).safeParse(req.query);
  const body = (endpoint.body ?? nothing).safeParse(endpoint.body ? withName(endpoint.body, sent, res) : sent);
  const issues = [...(query.error?.issues ?? []), ...(body.error?.issues ?? [])];
  if (issues.length > 0) throw invalidInput(issues, endpoint.says);
  return {
    ...{ caller: callerOf(res), req, res, file: isFile && typeof req.body === "string" ? req.body : "" },
    ...{ params: params?.data ?? {}, query: query.data ?? {}, body: body.data ?? {} },
  };
}

/** A personal credential says by itself whose order it is (caller.ts), and who answers for what it makes. */
function withName(schema: z.ZodObject, sent: Record<string, unknown>, res: Response): Record<string, unknown> {
  const caller = callerOf(res);
  const owner = "owner" in schema.shape && sent.owner === undefined && caller.name !== null;
  const said = owner ? { ...sent, owner: caller.name } : sent;
  if (!("by" in schema.shape) || (said.by !== undefined && typeof said.by !== "string")) return said;
  const by = byOf(caller, said.by);
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
