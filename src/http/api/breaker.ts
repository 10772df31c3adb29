import { z } from "zod";
import { askBreaker, type BreakerPorts, reportOutcome, resetBreaker } from "../../contain/breaker.ts";
import { rolesFor } from "../../incident/credentials.ts";
import { person } from "../../incident/who-and-why.ts";
import { tooLittle } from "../auth/refusals.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { breakerShape, reportedShape, resetShape } from "./shapes/breaker.ts";

const params = z.object({ id: z.string().meta({ description: "the agent's id", example: "procurement-7" }) });
const breaker = { path: "/api/agents/{id}/breaker", tag: "agents", params } as const;

/**
 * /api/agents/{id}/breaker (P3, docs/breaker.md): agents ask before they spend and say afterwards how it went. While Redis does
 * not answer, neither do we: 503, and the client decides.
 */
export const breakerEndpoints: readonly Endpoint<BreakerPorts>[] = [
  endpoint({
    ...breaker,
    method: "get",
    id: "askBreaker",
    summary: "May this agent spend?",
    description:
      "Without `peek` a half-open breaker gives its one probe to whoever asks with a token, which a viewer may not take; a login and HEAD only peek.",
    role: ["agent", "viewer"],
    query: z.strictObject({
      peek: z.enum(["true", "false"], "must be true or false").default("false").meta({ description: "only look" }),
    }),
    answers: { 200: { what: "whether it may", body: breakerShape } },
    async act(ports: BreakerPorts, { params, query, caller, req }) {
      // A page of another site can make a browser ask, and must not take the probe; HEAD is answered without it, so nobody would have it.
      const peek = query.peek === "true" || caller.credential.kind === "session" || req.method === "HEAD";
      // To take the probe is to change something; to peek is to read.
      if (!peek && !rolesFor("agent").includes(caller.role)) return { problem: tooLittle(caller.role, ["agent"]) };
      return reply(200, await askBreaker(ports, params.id, { peek }));
    },
  }),
  endpoint({
    ...breaker,
    method: "post",
    id: "reportOutcome",
    summary: "How the attempt went",
    role: "agent",
    // Thousands an hour, of machines about themselves: the breaker keeps what counts of them. Anybody else who says so made a decision.
    unaudited: "agent",
    body: z.strictObject({
      outcome: z.enum(["success", "failure"], "must be success or failure"),
      probe: z.string("must be the token of the probe").max(100, "is no token of ours").nullish(),
    }),
    says: "Say how the attempt went.",
    answers: { 200: { what: "what it changed", body: reportedShape } },
    async act(ports: BreakerPorts, { params, body: { outcome, probe = null } }) {
      return reply(200, await reportOutcome(ports, params.id, { outcome, probe }));
    },
  }),
  endpoint({
    method: "post",
    path: "/api/agents/{id}/breaker/reset",
    id: "resetBreaker",
    tag: "agents",
    summary: "Close it now, whatever was reported",
    role: "responder",
    params,
    body: z.strictObject({ by: person.by, reason: person.reason }),
    says: "Say who resets the breaker, and why.",
    answers: { 200: { what: "whether it was open", body: resetShape } },
    act: async (ports: BreakerPorts, { params, body }) => reply(200, await resetBreaker(ports, params.id, body)),
  }),
];
