import type { Request, RequestHandler } from "express";
import { zero } from "../incident/money.ts";
import { recordUsage } from "./budgets.ts";
import { exchange } from "./exchange.ts";
import { authenticate, type Caller, readToken } from "./keys.ts";
import { checkTier, peekAgent, takeRate } from "./pipeline.ts";
import { presentBatch } from "./presentation.ts";
import { Problem, type Reply } from "./problem.ts";
import { restRoutes } from "./rest/index.ts";
import { readJson } from "./rest/serve.ts";
import type { Tool } from "./tool.ts";
import { charge } from "./wallets.ts";
import type { World } from "./world.ts";

/**
 * `POST /v1/batch`: the back door of the real gateway. Key scopes and budget caps are not looked at, an admin key is nobody
 * special, amounts come as floats, and every refusal of a tool is flattened into `execution_error`.
 */
const MAX_CALLS = 10;
const tools = new Map(restRoutes.map((route) => [route.tool.name, route.tool]));

type Result = { success: true; result: unknown } | { success: false; error: { code: string; message: string } };

export function batch(world: World): RequestHandler {
  return exchange(world, {
    subject: (req) => ({
      tool: "batch",
      agentIds: [peekAgent(world, readToken(req.headers)) ?? ""],
      escrowId: undefined,
    }),
    answer: (req, midwayMs) => answer(world, req, midwayMs),
  });
}

async function answer(world: World, req: Request, midwayMs: number | undefined): Promise<Reply> {
  const calls = readCalls(req);
  const key = authenticate(world, readToken(req.headers));
  const headers = takeRate(world, key);
  const caller = { ...key, isAdmin: false };
  const results: Result[] = [];
  for (const [index, call] of calls.entries())
    results.push(await runOne(world, caller, call, requestKey(req, index), midwayMs));
  return { status: 200, headers, body: { results } };
}

function readCalls(req: Request): readonly unknown[] {
  const { calls } = readJson(req);
  if (!Array.isArray(calls)) throw new Problem(400, "bad-request", "'calls' must be an array");
  if (calls.length > MAX_CALLS)
    throw new Problem(400, "batch-too-large", `Batch size exceeds maximum of ${MAX_CALLS} calls`);
  return calls;
}

async function runOne(
  world: World,
  caller: Caller,
  call: unknown,
  usageKey: string | undefined,
  midwayMs?: number,
): Promise<Result> {
  const { tool: name, params = {} } = (call ?? {}) as { tool?: string; params?: Record<string, unknown> };
  if (typeof name !== "string") return refused("bad_request", "Missing 'tool' field in call");
  const tool = tools.get(name);
  if (!tool) return refused("unknown_tool", `Unknown tool: ${name}`);
  const missing = (tool.required ?? []).filter((field) => params[field] === undefined);
  if (missing.length > 0) return refused("missing_parameter", `Missing required parameter(s): ${missing.join(", ")}`);
  const refusal = refusalOf(caller, tool, params);
  if (refusal) return refusal;
  const result = await tryTool(world, caller, tool, params, midwayMs);
  // A call whose tool refused has still to be paid for; a fee that cannot be paid ends the whole answer with 402.
  const fee = tool.fee?.(params) ?? zero;
  recordUsage(
    world,
    { agentId: caller.agentId, tool: name, cost: fee },
    usageKey === undefined ? undefined : `${usageKey}:${name}`,
  );
  if (fee > zero) charge(world, caller.agentId, fee, `gateway:batch:${name}`);
  return result;
}

function refusalOf(caller: Caller, tool: Tool, params: Record<string, unknown>): Result | undefined {
  if (tool.isAdminOnly) return refused("admin_only", `Tool '${tool.name}' requires admin privileges`);
  const isForeign = (tool.owned ?? []).some((field) => params[field] !== undefined && params[field] !== caller.agentId);
  if (isForeign) return refused("forbidden", "Forbidden: you do not have access to this resource");
  try {
    checkTier(caller, tool);
    return undefined;
  } catch (error) {
    return refused("insufficient_tier", String((error as Error).message));
  }
}

async function tryTool(
  world: World,
  caller: Caller,
  tool: Tool,
  params: Record<string, unknown>,
  midwayMs?: number,
): Promise<Result> {
  try {
    const input = params as never;
    const result = await tool.run(world, { caller, input, idempotencyKey: undefined, midwayMs });
    return { success: true, result: presentBatch(result) };
  } catch (error) {
    return refused("execution_error", error instanceof Error ? error.message : String(error));
  }
}

function refused(code: string, message: string): Result {
  return { success: false, error: { code, message } };
}

function requestKey(req: Request, index: number): string | undefined {
  const id = req.get("x-request-id");
  return id === undefined ? undefined : `${id}:${index}`;
}
