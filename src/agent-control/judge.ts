import { type ErrorCode, TourniquetError } from "../errors.ts";
import { cut, wellFormedJson } from "../incident/well-formed.ts";
import type { Ending } from "../outbound/exchange.ts";

/** What an ending means: it is done, certainly nothing happened, or the effect may be there or still land. */
export type Judgement =
  | { kind: "done"; ending: Ending }
  | { kind: "nothing-happened" | "uncertain"; error: TourniquetError };

/** 408 and 409: whoever answers them may have begun. 429 comes before the work, and is worth another try. */
const unclearRefusals = [408, 409, 423, 425];

/** The contract (docs/agent-control.md): a 2xx has taken effect, a 4xx has not. Everything else is read back. */
export function judge(ending: Ending, agentId: string, token: string): Judgement {
  const say = (code: ErrorCode, what: string) =>
    new TourniquetError(code, `agent control: ${what}`, {
      agentId,
      durationMs: ending.durationMs,
      status: ending.status,
    });
  if (!ending.sent) return { kind: "nothing-happened", error: unsent(ending, say) };
  const { status } = ending;
  if (status === undefined || status < 200) return { kind: "uncertain", error: cutOff(ending, say) };
  if (status < 300)
    return isPage(ending) ? { kind: "uncertain", error: say(failed, "answered a web page") } : { kind: "done", ending };
  const what = `answered ${status}${detailOf(ending, token)}`;
  if (status < 400)
    return { kind: "uncertain", error: say("agent-control-refused", `${what}; redirects are not followed`) };
  if (status >= 500 || unclearRefusals.includes(status)) return { kind: "uncertain", error: say(failed, what) };
  if (status === 429) return { kind: "nothing-happened", error: say(failed, what) };
  const code = status === 404 ? "not-found" : "agent-control-refused";
  return { kind: "nothing-happened", error: say(code, what) };
}

const failed = "agent-control-failed" satisfies ErrorCode;
type Say = (code: ErrorCode, what: string) => TourniquetError;

/** The object in the body, if there is one: an answer that says nothing legible says nothing. */
export function bodyOf({ body }: Pick<Ending, "body">): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(wellFormedJson(body ?? ""));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A page of a proxy or a portal with status 200 is nobody's word. */
const isPage = ({ body }: Ending): boolean => body?.trimStart().startsWith("<") ?? false;

/** At most 200 characters of what it says, without our token should it repeat it. */
function detailOf(ending: Ending, token: string): string {
  const { detail, message, error } = bodyOf(ending) ?? {};
  const text = [detail, message, error].find((part) => typeof part === "string");
  return text === undefined ? "" : `: ${cut(text.replaceAll(token, "[token]"), 200)}`;
}

function unsent({ failure }: Ending, say: Say): TourniquetError {
  if (failure instanceof TourniquetError) return say(failure.code, failure.message);
  if (failure === "deadline") return say(failed, "no connection came free before the deadline; nothing was sent");
  if (failure === "aborted") return say(failed, "stopped by its caller before anything was sent");
  return say(failed, `cannot be reached (${reasonOf(failure)})`);
}

function cutOff({ failure, durationMs }: Ending, say: Say): TourniquetError {
  if (failure === "deadline") return say(failed, `no whole answer within ${durationMs} ms`);
  if (failure === "aborted") return say(failed, "stopped by its caller while under way");
  return say(failed, `the connection broke before the answer was whole (${reasonOf(failure)})`);
}

/** A code such as ECONNRESET, never a message: messages can repeat what was sent. */
function reasonOf(failure: Ending["failure"]): string {
  if (!(failure instanceof Error)) return "no reason given";
  const first = failure instanceof AggregateError ? failure.errors[0] : failure;
  const code = (first as { code?: unknown }).code ?? (failure as { code?: unknown }).code;
  return typeof code === "string" ? code : failure.name;
}
