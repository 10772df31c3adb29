import type { z } from "zod";
import type { Money } from "../incident/money.ts";
import type { Caller } from "./keys.ts";
import type { Tier } from "./state.ts";
import type { World } from "./world.ts";

/** One call of one tool, whichever form it came in. */
export interface Call<Input> {
  caller: Caller;
  input: Input;
  idempotencyKey: string | undefined;
  /** Set by a fault: sleep this long in the middle of the effect. */
  midwayMs: number | undefined;
}

/** What the gateway can do, without saying how it is called. Results are raw: presentation.ts dresses them for each form. */
export interface Tool<Input = never> {
  name: string;
  scope: "read" | "write";
  tier: Tier;
  /** Only a key with the admin scope may call it. */
  isAdminOnly?: boolean;
  /** Fields that must name the caller's own agent unless the caller is an admin. */
  owned?: readonly string[];
  /** Fields `/v1/batch` asks for. */
  required?: readonly string[];
  /** The fee, from unchecked input: the pipeline asks before the body is validated. */
  fee?: (input: Record<string, unknown>) => Money;
  /** True: the tool itself sleeps `midwayMs`. Else an injected late effect delays the whole run. */
  sleepsMidway?: boolean;
  run: (world: World, call: Call<Input>) => unknown;
}

/** The tool's own REST address. `input` is path, query and body laid together, then checked. */
export interface Route<Input = never> {
  method: "get" | "post" | "put" | "delete";
  path: string;
  tool: Tool<Input>;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** From what was accepted on the wire to what the tool takes; left out: as it is. */
  toInput?: (accepted: Record<string, unknown>) => Input;
  status?: number;
  location?: (result: Record<string, unknown>) => string;
  /** Unwrapped handlers lose headers and connection on errors (greenhelix.md section 3). */
  isUnwrapped?: boolean;
}

/** Routes of different inputs in one list: the pipeline only ever hands a tool what its own route made. */
export type AnyRoute = Route<never>;

export function route<Input>(definition: Route<Input>): AnyRoute {
  return definition as unknown as AnyRoute;
}
