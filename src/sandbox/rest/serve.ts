import type { Request, RequestHandler } from "express";
import { z } from "zod";
import { exchange } from "../exchange.ts";
import type { Subject } from "../faults.ts";
import { authenticate, readToken } from "../keys.ts";
import { admit, checkOwnership, peekAgent, perform, settleFee } from "../pipeline.ts";
import { presentRest } from "../presentation.ts";
import { Problem, type Reply } from "../problem.ts";
import type { AnyRoute } from "../tool.ts";
import type { World } from "../world.ts";

/** Puts one route behind the pipeline of greenhelix.md 1.2, in its order. */
export function serve(world: World, route: AnyRoute): RequestHandler {
  return exchange(world, {
    subject: (req) => subjectOf(world, req, route.tool.name),
    answer: (req, midwayMs) => answer(world, route, req, midwayMs),
    ...(route.isUnwrapped ? { isUnwrapped: true } : {}),
  });
}

async function answer(world: World, route: AnyRoute, req: Request, midwayMs: number | undefined): Promise<Reply> {
  const { tool } = route;
  const body = readJson(req);
  const caller = authenticate(world, readToken(req.headers));
  const { fee, headers } = admit(world, caller, tool, body);
  const accepted = {
    ...pathParams(req),
    ...checked(route.query, req.query, "query"),
    ...checked(route.body, body, "body"),
  };
  checkOwnership(caller, tool, accepted);
  const idempotencyKey = req.get("idempotency-key");
  const input = (route.toInput?.(accepted) ?? accepted) as never;
  const result = await perform(world, tool, { caller, input, idempotencyKey, midwayMs });
  const charged = settleFee(world, caller, tool, fee, usageKeyOf(req, tool.name));
  const location = route.location?.(result as Record<string, unknown>);
  return {
    status: route.status ?? 200,
    headers: { ...headers, ...charged, ...(location === undefined ? {} : { Location: location }) },
    body: presentRest(result),
  };
}

/** Syntax comes before authentication: broken JSON is a 422 even without a key. */
export function readJson(req: Request): Record<string, unknown> {
  const text = typeof req.body === "string" ? req.body : "";
  if (text.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === "object" && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    throw new Problem(422, "validation-error", "body: JSON decode error");
  }
  throw new Problem(422, "validation-error", "body: Input should be a valid dictionary");
}

/** One joined sentence, as theirs. A route without a schema takes nothing and ignores what is sent. */
export function checked(schema: z.ZodObject | undefined, value: unknown, where: string): Record<string, unknown> {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${[where, ...issue.path].join(".")}: ${issue.message}`);
  throw new Problem(422, "validation-error", faults.join("; "));
}

/** The global key usage is counted under once: the idempotency key, else request id and tool. */
export function usageKeyOf(req: Request, tool: string): string | undefined {
  const requestId = req.get("x-request-id");
  return req.get("idempotency-key") ?? (requestId === undefined ? undefined : `${requestId}:${tool}`);
}

function subjectOf(world: World, req: Request, tool: string): Subject {
  const params = pathParams(req);
  const named = [peekAgent(world, readToken(req.headers)), params.agent_id, req.query.agent_id];
  return { tool, agentIds: named.filter((id) => typeof id === "string"), escrowId: params.escrow_id };
}

function pathParams(req: Request): Record<string, string> {
  return Object.fromEntries(Object.entries(req.params).map(([name, value]) => [name, String(value)]));
}

/** Query numbers come as text; what is no whole number is a 422. */
export function wholeNumber(fallback: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d+$/, "Input should be a valid integer")
    .optional()
    .transform((text) => (text === undefined ? fallback : Number(text)));
}
