import type { Request, RequestHandler } from "express";
import { exchange } from "../exchange.ts";
import type { Subject } from "../faults.ts";
import { authenticate, type Caller, readToken } from "../keys.ts";
import { admit, checkOwnership, peekAgent, perform, settleFee } from "../pipeline.ts";
import { Problem, type Reply } from "../problem.ts";
import { readJson, usageKeyOf } from "../rest/serve.ts";
import type { World } from "../world.ts";
import { seedTools } from "./index.ts";
import type { Given } from "./seed-tool.ts";

/** `POST /v1` with `{tool, input}`: the seeds' calling form, behind the same pipeline as the REST routes. */
export function serveSeedTools(world: World): RequestHandler {
  return exchange(world, {
    subject: (req) => subjectOf(world, req),
    answer: (req, midwayMs) => answer(world, req, midwayMs),
  });
}

async function answer(world: World, req: Request, midwayMs: number | undefined): Promise<Reply> {
  const { name, given } = readCall(req);
  const caller = authenticate(world, readToken(req.headers));
  const seed = seedTools.get(name);
  if (!seed) throw new Problem(400, "bad-request", `Unknown tool: ${name}`);
  const { fee, headers } = admit(world, caller, seed.tool, given);
  const missing = seed.required.filter((field) => given[field] === undefined);
  if (missing.length > 0)
    throw new Problem(400, "missing-parameter", `Missing required parameter(s): ${missing.join(", ")}`);
  const input = seed.toInput(given);
  checkOwnership(caller, seed.tool, input);
  refuseForeignWriter(caller, name, given);
  const idempotencyKey = req.get("idempotency-key");
  const result = await perform(world, seed.tool, { caller, input, idempotencyKey, midwayMs });
  const charged = settleFee(world, caller, seed.tool, fee, usageKeyOf(req, name));
  return {
    status: 200,
    headers: { ...headers, ...charged },
    body: seed.toAnswer(result as never, given, world),
  };
}

/** REST takes the owner of a webhook or a rating from the key; this form lets the caller write it down, so it has to match. */
function refuseForeignWriter(caller: Caller, name: string, given: Given): void {
  if (caller.isAdmin || !["register_webhook", "publish_event"].includes(name) || given.agent_id === caller.agentId)
    return;
  throw new Problem(403, "forbidden", "Forbidden: you do not have access to this resource");
}

function readCall(req: Request): { name: string; given: Given } {
  const { tool, input } = readJson(req);
  if (typeof tool !== "string") throw new Problem(400, "bad-request", "Missing 'tool'");
  const isObject = input !== null && typeof input === "object" && !Array.isArray(input);
  if (input !== undefined && !isObject) throw new Problem(400, "bad-request", "'input' must be an object");
  return { name: tool, given: (input ?? {}) as Given };
}

/** For counting and faults a call that cannot be read is about nothing in particular. */
function subjectOf(world: World, req: Request): Subject {
  const agentIds = [peekAgent(world, readToken(req.headers))];
  try {
    const { name, given } = readCall(req);
    const escrowId = typeof given.escrow_id === "string" ? given.escrow_id : undefined;
    return { tool: name, agentIds: [...agentIds, given.agent_id].filter((id) => typeof id === "string"), escrowId };
  } catch {
    return { tool: "unreadable", agentIds: agentIds.filter((id) => typeof id === "string"), escrowId: undefined };
  }
}
