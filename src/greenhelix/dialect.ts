import { type ErrorCode, TourniquetError } from "../errors.ts";
import type { Http } from "../outbound/http.ts";
import { path } from "../outbound/path.ts";
import { judge } from "./judge.ts";

export type Dialect = "rest" | "tools";

/** `reason` is a sentence for the start-up log and for `doctor`. */
export interface Finding {
  dialect: Dialect;
  reason: string;
}

/**
 * What one form made of a harmless read. `refused`: the door is there, the key is not let in. `absent`: no such route.
 * `failed`: no usable word, try later.
 */
type Sign = "served" | "refused" | "absent" | "failed";

interface Probe {
  sign: Sign;
  seen: string;
}

/** The probed agent may be unknown to the gateway: that it names what is missing is as good a sign as a budget. */
const NAMED_NOT_FOUND = /^(agent|wallet|budget)-not-found$/;

/**
 * Asks the gateway which form it speaks, with reads only. Both: rest, which shows monthly caps and the threshold.
 * Throws gateway-unreachable (transient) where neither form gives a sign.
 */
export async function detectDialect(http: Http, probeAgentId: string, apiKey: string): Promise<Finding> {
  const [rest, tools] = await Promise.all([
    probeRest(http, probeAgentId, apiKey),
    probeTools(http, probeAgentId, apiKey),
  ]);
  if (rest.sign === "served") return { dialect: "rest", reason: `the budget route answers (${rest.seen})` };
  if (tools.sign === "served" && rest.sign !== "failed") {
    return {
      dialect: "tools",
      reason: `POST /v1 serves tools (${tools.seen}) and the budget route does not (${rest.seen})`,
    };
  }
  if (rest.sign === "refused") {
    return { dialect: "rest", reason: `the budget route is there, though it refuses this key (${rest.seen})` };
  }
  if (rest.sign === "absent" && tools.sign === "refused") {
    return { dialect: "tools", reason: `POST /v1 takes tools, though it refuses this key (${tools.seen})` };
  }
  if (tools.sign === "served") return settle(http, probeAgentId, apiKey, tools);
  // A slow or failing budget read must hold up no freeze: which door is not there tells which one is.
  if (rest.sign === "failed" && tools.sign === "absent")
    return {
      dialect: "rest",
      reason: `there is no POST /v1 (${tools.seen}); the budget route is in trouble (${rest.seen})`,
    };
  if (rest.sign === "absent" && tools.sign === "failed")
    return {
      dialect: "tools",
      reason: `there is no budget route (${rest.seen}); POST /v1 is in trouble (${tools.seen})`,
    };
  throw new TourniquetError(
    "gateway-unreachable",
    `the gateway answers in neither form: budget route ${rest.seen}, POST /v1 ${tools.seen}; is GREENHELIX_BASE_URL right?`,
    { rest: rest.seen, tools: tools.seen },
  );
}

/** A gateway that serves both may have stumbled over the first question: ask it once more before taking the poorer form. */
async function settle(http: Http, agentId: string, apiKey: string, tools: Probe): Promise<Finding> {
  const again = await probeRest(http, agentId, apiKey);
  if (again.sign === "served")
    return { dialect: "rest", reason: `the budget route answers (${again.seen}), at the second try` };
  return { dialect: "tools", reason: `POST /v1 serves tools (${tools.seen}); the budget route fails (${again.seen})` };
}

async function probeRest(http: Http, agentId: string, apiKey: string): Promise<Probe> {
  const about = { tool: "get_budget_status", agentId, apiKey };
  const at = path`/v1/billing/wallets/${agentId}/budget`();
  return signOf(judge(await http.send({ method: "GET", path: at, apiKey }), about));
}

async function probeTools(http: Http, agentId: string, apiKey: string): Promise<Probe> {
  const tool = "get_budget_status";
  const body = { tool, input: { agent_id: agentId } };
  const probe = signOf(
    judge(await http.send({ method: "POST", path: "/v1", body, apiKey }), { tool, agentId, apiKey }),
  );
  return probe;
}

function signOf(judgement: ReturnType<typeof judge>): Probe {
  if (judgement.kind === "answered") {
    const isObject = typeof judgement.body === "object" && judgement.body !== null;
    return isObject ? { sign: "served", seen: "200" } : { sign: "failed", seen: "200 without an object" };
  }
  const { code, detail } = judgement.error;
  const seen = [detail.status ?? code, detail.problem].filter((part) => part !== undefined).join(" ");
  return { sign: signOfError(code, detail), seen };
}

function signOfError(code: ErrorCode, detail: Readonly<Record<string, unknown>>): Sign {
  const { status, problem } = detail;
  if (status === 404) return NAMED_NOT_FOUND.test(String(problem ?? "")) ? "served" : "absent";
  if (status === 405 || status === 410 || code === "gateway-misconfigured") return "absent";
  if (status === 401 || status === 403) return "refused";
  // It looked at the request and found fault with it: this is its form. 429 says nothing: limiters stand before the routes.
  if (status === 400 || status === 402 || status === 409 || status === 422) return "served";
  return "failed";
}
