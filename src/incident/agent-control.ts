import type { TourniquetError } from "../errors.ts";
import type { ActionKey, CallOptions, Outcome } from "./gateway.ts";

/** From open to shut: a comparison of places says which of two is the stricter. */
export const toolModes = ["all", "read-only", "none"] as const;
export type ToolMode = (typeof toolModes)[number];

/** What stands between an agent and the world on the platform that runs it, as that platform shows it. */
export interface AgentState {
  tools: ToolMode;
  isolated: boolean;
  paused: boolean;
  /** The key of the newest finished rotation of its credentials, as we sent it; null if there was none. */
  lastRotation: string | null;
}

/** The part that is set and put back; each is absolute: twice is once. */
export type Reins = Pick<AgentState, "tools" | "isolated" | "paused">;
export type Rein = keyof Reins;

/**
 * The platform that runs the agents (C7): it can take their tools, cut their network, stop them and change their
 * credentials. Reads throw; writes answer an Outcome, as the Gateway's do; no call is repeated in here.
 */
export interface AgentControl {
  /** Throws not-found for an agent that the platform does not run. */
  readState(agentId: string, options?: CallOptions): Promise<AgentState>;
  setTools(agentId: string, tools: ToolMode, options?: CallOptions): Promise<Outcome<{ tools: ToolMode }>>;
  setIsolated(agentId: string, isolated: boolean, options?: CallOptions): Promise<Outcome<{ isolated: boolean }>>;
  setPaused(agentId: string, paused: boolean, options?: CallOptions): Promise<Outcome<{ paused: boolean }>>;
  /** Twice is not once: the caller holds the claim, and after an unclear answer asks readState for `lastRotation`. */
  rotateCredentials(
    agentId: string,
    actionKey: ActionKey,
    options?: CallOptions,
  ): Promise<Outcome<{ rotated: number }>>;
}

/** Nothing held back. */
export const loose: Reins = { tools: "all", isolated: false, paused: false };

/** The stricter of each: what several incidents ask of one agent together. */
export function strictest(...all: readonly Partial<Reins>[]): Reins {
  return {
    tools: toolModes.findLast((mode) => all.some(({ tools }) => tools === mode)) ?? "all",
    isolated: all.some(({ isolated }) => isolated),
    paused: all.some(({ paused }) => paused),
  };
}

/** Where the agent is freer than it should be; stricter is fine, somebody else may have his reasons. */
export function freerThan(wanted: Reins, state: Reins): Rein[] {
  const freer: Record<Rein, boolean> = {
    tools: toolModes.indexOf(state.tools) < toolModes.indexOf(wanted.tools),
    isolated: wanted.isolated && !state.isolated,
    paused: wanted.paused && !state.paused,
  };
  return (Object.keys(freer) as Rein[]).filter((rein) => freer[rein]);
}

/** Sets one rein to this state's. */
export function setRein(
  control: AgentControl,
  agentId: string,
  rein: Rein,
  to: Reins,
  options?: CallOptions,
): Promise<Outcome<Partial<Reins>>> {
  if (rein === "tools") return control.setTools(agentId, to.tools, options);
  if (rein === "isolated") return control.setIsolated(agentId, to.isolated, options);
  return control.setPaused(agentId, to.paused, options);
}

/** Whether the platform says that it does not run this agent: then there is nothing for us to try again. */
export function isStranger({ code }: Pick<TourniquetError, "code">): boolean {
  return code === "not-found";
}
