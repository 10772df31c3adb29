import type { Express, Request } from "express";
import { z } from "zod";
import { exchange } from "../exchange.ts";
import { readToken } from "../keys.ts";
import { Problem, type Reply } from "../problem.ts";
import { readJson } from "../rest/serve.ts";
import type { World } from "../world.ts";
import { changeReins, type ReinsRow, reinsOf, rotate } from "./reins.ts";

/** The platform that runs the agents, beside the gateway: docs/agent-control.md as a server, under /_control. */
export function agentControlRoutes(app: Express, world: World): void {
  const route = (method: "get" | "put" | "post", rest: string, tool: string, work: Work) =>
    app[method](
      `/_control/agents/:agentId${rest}`,
      exchange(world, {
        subject: (req) => ({ tool, agentIds: [agentOf(req)], escrowId: undefined }),
        answer: (req, midwayMs) => answer(world, req, work, midwayMs),
      }),
    );
  route("get", "", "control_state", ({ agentId }) => stateOf(world, agentId));
  route("put", "/tools", "control_tools", ({ agentId, body }) => {
    const { mode } = read(z.object({ mode: z.enum(["none", "read-only", "all"]) }), body);
    return changeReins(world, agentId, { tools: mode });
  });
  route("put", "/network", "control_network", ({ agentId, body }) =>
    changeReins(world, agentId, read(z.object({ isolated: z.boolean() }), body)),
  );
  route("put", "/execution", "control_execution", ({ agentId, body }) =>
    changeReins(world, agentId, read(z.object({ paused: z.boolean() }), body)),
  );
  route("post", "/credentials/rotate", "control_rotate", ({ agentId, key }) => {
    if (key === undefined) throw new Problem(400, "idempotency-key-required", "Idempotency-Key is required");
    return { rotated: rotate(world, agentId, key) };
  });
}

type Work = (call: { agentId: string; body: Record<string, unknown>; key: string | undefined }) => object;

async function answer(world: World, req: Request, work: Work, midwayMs = 0): Promise<Reply> {
  const body = readJson(req);
  const token = readToken(req.headers);
  if (token === undefined || !token.startsWith("sandbox-control"))
    throw new Problem(401, "unauthorized", "No such token");
  const agentId = agentOf(req);
  if (!world.state.agents.has(agentId)) throw new Problem(404, "not-found", `No agent ${agentId} runs here`);
  if (midwayMs > 0) await new Promise((resolve) => setTimeout(resolve, midwayMs));
  return { status: 200, headers: {}, body: work({ agentId, body, key: req.get("idempotency-key") }) };
}

/** Fields of the state as the contract names them. */
export function stateOf(world: World, agentId: string): Record<string, unknown> {
  const { tools, isolated, paused, rotations }: ReinsRow = reinsOf(world, agentId);
  return { agent_id: agentId, tools, isolated, paused, last_rotation: rotations.at(-1) ?? null };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(422, "validation-error", `${issue?.path.join(".")}: ${issue?.message}`);
}

const agentOf = (req: Request): string => String(req.params.agentId);
