import { presentRest } from "../presentation.ts";
import type { Tool } from "../tool.ts";
import type { World } from "../world.ts";

/**
 * One tool of the seeds' contract, told as a translation of a tool of the real gateway: other names in, other names out, the
 * same act in between. The form answers with the bare result, without an envelope.
 */
export interface SeedTool<Input = never> {
  name: string;
  tool: Tool<Input>;
  required: readonly string[];
  toInput: (given: Given) => Input;
  /** From the raw result to what the seeds read, as it goes out: amounts as text, times as the seeds compare them. */
  toAnswer: (result: never, given: Given, world: World) => Record<string, unknown>;
}

export type Given = Readonly<Record<string, unknown>>;
export type AnySeedTool = SeedTool<never>;

export function seedTool<Input, Result>(
  definition: Omit<SeedTool<Input>, "toAnswer"> & {
    toAnswer: (result: Result, given: Given, world: World) => Record<string, unknown>;
  },
): AnySeedTool {
  return definition as unknown as AnySeedTool;
}

export function agentIn(given: Given): { agent_id: string } {
  return { agent_id: String(given.agent_id) };
}

/** Where the seeds only pass the answer on, it is the same as over REST. */
export function asRest(result: Record<string, unknown>): Record<string, unknown> {
  return presentRest(result) as Record<string, unknown>;
}
