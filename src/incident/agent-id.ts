import { z } from "zod";
import { TourniquetError } from "../errors.ts";

/**
 * What may be called an agent, wherever one is named: settings, webhooks, telemetry, API, command line. It is the gateway's own rule
 * for who pays and is paid (greenhelix.md 1.5), so whom it lets spend can be watched. No colon and no space: both separate things in
 * Redis keys of ours.
 */
const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Stands after the name of the field that is wrong. */
export const agentIdRule =
  "must be an id as the gateway takes it: 1 to 128 letters, digits, dots, underscores and dashes, starting with a letter or digit";

export function isAgentId(value: unknown): value is string {
  return typeof value === "string" && AGENT_ID.test(value);
}

export const agentId = z.string(agentIdRule).regex(AGENT_ID, agentIdRule);

/** The same of an id that came by no schema, such as one in an address. Throws input-invalid, field `agent`. */
export function toAgentId(said: string): string {
  if (isAgentId(said)) return said;
  const mistakes = [{ field: "agent", problem: agentIdRule }];
  throw new TourniquetError("input-invalid", `The agent ${agentIdRule}.`, { mistakes });
}
