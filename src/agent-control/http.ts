import { createHash } from "node:crypto";
import { type ErrorCode, TourniquetError } from "../errors.ts";
import { type AgentControl, type AgentState, type ToolMode, toolModes } from "../incident/agent-control.ts";
import type { ActionKey, CallOptions, Outcome } from "../incident/gateway.ts";
import type { Tracing } from "../incident/tracing.ts";
import { readAddress } from "../outbound/address.ts";
import type { Ending } from "../outbound/exchange.ts";
import { createHttp, type HttpRequest } from "../outbound/http.ts";
import { path } from "../outbound/path.ts";
import { bodyOf, type Judgement, judge } from "./judge.ts";

export interface AgentControlSettings {
  /** AGENT_CONTROL_URL: what stands before /agents. */
  baseUrl: string;
  /** AGENT_CONTROL_TOKEN. */
  token: string;
  /** The whole call, where the caller does not say. */
  deadlineMs: number;
  allowPrivateHosts: boolean;
  tracing?: Tracing;
}

export interface ConnectedAgentControl extends AgentControl {
  close(): Promise<void>;
}

/** One incident talks to it, or a handful. */
const CONNECTIONS = 16;

/** The contract of docs/agent-control.md over HTTP. Opens nothing before the first call. Throws agent-control-refused for a bad address. */
export function connectAgentControl(settings: AgentControlSettings): ConnectedAgentControl {
  const { allowPrivateHosts, token, deadlineMs, tracing } = settings;
  const rule = { setting: "AGENT_CONTROL_URL", code: "agent-control-refused", allowPrivateHosts } as const;
  const http = createHttp(readAddress(settings.baseUrl, rule), rule, { connections: CONNECTIONS, deadlineMs, tracing });
  const call = async (
    agentId: string,
    rest: "" | "/tools" | "/network" | "/execution" | "/credentials/rotate",
    request: Omit<HttpRequest, "path" | "apiKey">,
    options: CallOptions | undefined,
  ): Promise<Judgement> => {
    try {
      const agent = path`/agents/${agentId}`;
      const traced = { route: agent.route + rest, about: { "tourniquet.agent_id": agentId } };
      return judge(
        await http.send({ ...request, ...traced, path: agent() + rest, apiKey: token }, options),
        agentId,
        token,
      );
    } catch (error) {
      // An id that fits no path comes before anything is sent.
      if (error instanceof TourniquetError) return { kind: "nothing-happened", error };
      throw error;
    }
  };
  const put = async <T extends object>(
    agentId: string,
    rest: Parameters<typeof call>[1],
    body: T,
    options?: CallOptions,
  ) => outcomeOf(await call(agentId, rest, { method: "PUT", body }, options), () => body);
  return {
    async readState(agentId, options) {
      const judgement = await call(agentId, "", { method: "GET" }, options);
      if (judgement.kind !== "done") throw judgement.error;
      return readState(judgement.ending);
    },
    setTools: (agentId, tools, options) => put(agentId, "/tools", { mode: tools }, options).then(renamed({ tools })),
    setIsolated: (agentId, isolated, options) => put(agentId, "/network", { isolated }, options),
    setPaused: (agentId, paused, options) => put(agentId, "/execution", { paused }, options),
    async rotateCredentials(agentId, actionKey, options) {
      const request = { method: "POST", idempotencyKey: headerSafe(actionKey) } as const;
      return outcomeOf(await call(agentId, "/credentials/rotate", request, options), readRotated);
    },
    close: () => http.close(),
  };
}

/** A 2xx is the word that counts; what its body adds is read where it can be. */
function outcomeOf<T>(judgement: Judgement, read: (ending: Ending) => T): Outcome<T> {
  if (judgement.kind === "done") return { outcome: "done", value: read(judgement.ending) };
  const outcome = judgement.kind === "nothing-happened" ? "not-done" : "unknown";
  return { outcome, error: judgement.error };
}

const renamed =
  <T>(value: T) =>
  (outcome: Outcome<unknown>): Outcome<T> =>
    outcome.outcome === "done" ? { outcome: "done", value } : outcome;

/** Nothing is guessed: a state with a word we do not know is no proof of anything. */
function readState(ending: Ending): AgentState {
  const { tools, isolated, paused, last_rotation: lastRotation = null } = bodyOf(ending) ?? {};
  const isRead =
    toolModes.includes(tools as ToolMode) &&
    typeof isolated === "boolean" &&
    typeof paused === "boolean" &&
    (lastRotation === null || typeof lastRotation === "string");
  if (isRead) return { tools: tools as ToolMode, isolated, paused, lastRotation };
  throw new TourniquetError(
    "agent-control-failed" satisfies ErrorCode,
    'agent control shows a state that cannot be read; it must say "tools", "isolated" and "paused"',
  );
}

function readRotated(ending: Ending): { rotated: number } {
  const rotated = bodyOf(ending)?.rotated;
  return { rotated: typeof rotated === "number" && Number.isInteger(rotated) ? rotated : 1 };
}

/** What no header can carry goes out as its hash, the same each time. */
export function headerSafe(actionKey: ActionKey): string {
  return /^[\x21-\x7e]{1,200}$/.test(actionKey) ? actionKey : createHash("sha256").update(actionKey).digest("hex");
}
