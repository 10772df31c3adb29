import { type ErrorCode, TourniquetError } from "../errors.ts";
import type { Ending } from "../outbound/exchange.ts";
import { parseExactJson } from "./exact-json.ts";
import { type Problem, readProblem } from "./problem.ts";

/**
 * What an ending means. `answered`: a 2xx with a readable body. `nothing-happened`: certainly no effect. `accepted`: the
 * gateway took it, but its answer cannot be read. `uncertain`: the effect may be there, or still land.
 */
export type Judgement =
  | { kind: "answered"; body: unknown }
  | { kind: "nothing-happened" | "accepted" | "uncertain"; error: TourniquetError };

/** What the call was, for messages; `apiKey` only to keep it out of them. */
export interface About {
  tool: string;
  agentId: string;
  apiKey: string;
}

/** Answers the gateway gives before it works (greenhelix.md 1.2). 402 is among them: no call of ours costs a fee after its effect. */
const refusedBeforeWork = new Map<number, ErrorCode>([
  [400, "gateway-refused"],
  [401, "gateway-refused"],
  [402, "gateway-refused"],
  [403, "gateway-refused"],
  [404, "not-found"],
  [405, "gateway-misconfigured"],
  [409, "conflict"],
  [410, "gateway-misconfigured"],
  [413, "gateway-refused"],
  [415, "gateway-refused"],
  [422, "gateway-refused"],
  [429, "gateway-rate-limited"],
]);

export function judge(ending: Ending, about: About): Judgement {
  const say = (code: ErrorCode, what: string, detail: Record<string, unknown> = {}): TourniquetError =>
    new TourniquetError(code, `${about.tool}: ${what}`, {
      tool: about.tool,
      agentId: about.agentId,
      durationMs: ending.durationMs,
      ...(ending.status !== undefined && { status: ending.status }),
      ...detail,
    });
  if (!ending.sent) return { kind: "nothing-happened", error: unsent(ending, say) };
  const { status } = ending;
  if (status === undefined || status < 200) return { kind: "uncertain", error: cutOff(ending, say) };
  if (status < 300) return judgeSuccess(ending, say);
  return judgeRefusal(status, ending, readProblem(ending.body, about.apiKey), say);
}

type Say = (code: ErrorCode, what: string, detail?: Record<string, unknown>) => TourniquetError;

function judgeSuccess(ending: Ending, say: Say): Judgement {
  // A page of a proxy or a portal with status 200 is no word of the gateway: nothing is known.
  const isPage = ending.body?.trimStart().startsWith("<") ?? /html/i.test(String(ending.headers["content-type"]));
  if (isPage) {
    return {
      kind: "uncertain",
      error: say("gateway-unreadable", "a web page came back where the gateway should answer"),
    };
  }
  if (ending.body === undefined) return { kind: "accepted", error: cutOff(ending, say) };
  if (ending.body.trim() === "") return { kind: "answered", body: {} };
  try {
    return { kind: "answered", body: parseExactJson(ending.body) };
  } catch {
    return { kind: "accepted", error: say("gateway-unreadable", "the gateway's answer is not JSON") };
  }
}

function judgeRefusal(status: number, ending: Ending, problem: Problem, say: Say): Judgement {
  const what = `the gateway answered ${status}${problem.tail ? ` ${problem.tail}` : ""}${problem.detail ? `: ${problem.detail}` : ""}`;
  const detail = { ...(problem.tail && { problem: problem.tail }), ...retryAfter(ending) };
  if (status < 400) {
    const mend = "the gateway redirects, which is not followed; put the final address into GREENHELIX_BASE_URL";
    return { kind: "uncertain", error: say("gateway-misconfigured", `${mend} (status ${status})`) };
  }
  const code =
    status === 404 && problem.tail === "http-error" ? "gateway-misconfigured" : refusedBeforeWork.get(status);
  if (code) return { kind: "nothing-happened", error: say(code, what, detail) };
  return { kind: "uncertain", error: say(status === 504 ? "gateway-timeout" : "gateway-failed", what, detail) };
}

/** The real gateway sends none on its REST routes; others may. */
function retryAfter(ending: Ending): { retryAfterMs?: number } {
  const text = String(ending.headers["retry-after"] ?? "");
  return /^\d{1,6}$/.test(text) ? { retryAfterMs: Number(text) * 1000 } : {};
}

function unsent(ending: Ending, say: Say): TourniquetError {
  const { failure } = ending;
  if (failure instanceof TourniquetError) return say(failure.code, failure.message, failure.detail);
  if (failure === "deadline")
    return say("gateway-timeout", "no connection came free before the deadline; nothing was sent");
  if (failure === "aborted") return say("gateway-timeout", "stopped by its caller before anything was sent");
  return say("gateway-unreachable", `the gateway cannot be reached (${reasonOf(failure)})`);
}

function cutOff(ending: Ending, say: Say): TourniquetError {
  const { failure } = ending;
  if (failure === "deadline") return say("gateway-timeout", `no whole answer within ${ending.durationMs} ms`);
  if (failure === "aborted") return say("gateway-timeout", "stopped by its caller while under way");
  const reason = reasonOf(failure);
  if (reason === "UND_ERR_RES_EXCEEDED_MAX_SIZE")
    return say("gateway-unreadable", "the answer is larger than allowed", { isTooLarge: true });
  return say("gateway-unreachable", `the connection broke before the answer was whole (${reason})`);
}

/** A code such as ECONNRESET, never a message: messages can repeat what was sent. */
function reasonOf(failure: Ending["failure"]): string {
  if (!(failure instanceof Error)) return "no reason given";
  const first = failure instanceof AggregateError ? failure.errors[0] : failure;
  const code = (first as { code?: unknown }).code ?? (failure as { code?: unknown }).code;
  return typeof code === "string" ? code : failure.name;
}
