import { failed, heard } from "./heard.ts";
import { hasEnded, session } from "./session-store.ts";

/** RFC 9457, as the API answers it; status 0: it did not answer at all. */
export interface Problem {
  status: number;
  /** The last part of the problem's type, such as "conflict" or "no-such-incident". */
  kind: string;
  /** A sentence for a person. */
  detail: string;
  /** Mistakes by field, as the body names them: "caps.daily". */
  errors: readonly { field: string; problem: string }[];
  /** Seconds after which to come again, where the answer says so. */
  retryAfterSec: number | null;
}

export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
  }
}

export interface RequestOptions {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  /** The same one on every try of the same deed: the server does it once (use-action.ts). */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** A 401 is an answer to look at, and not a reason to ask who they are. */
  stays?: boolean;
}

/** Asks our own API. Answers what it said, null for no content; throws ApiError, and AbortError where `signal` ended it. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  heard();
  if (response.ok) return (response.status === 204 ? null : await response.json()) as T;
  const problem = await readProblem(response);
  if (problem.status === 401 && options.stays !== true) askWho();
  throw new ApiError(problem);
}

async function send(path: string, { method = "GET", body, idempotencyKey, signal }: RequestOptions): Promise<Response> {
  const csrf = session.get()?.csrfToken;
  const headers = {
    accept: "application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(method !== "GET" && csrf && { "x-csrf-token": csrf }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    failed();
    throw new ApiError(notReached);
  }
}

const notReached: Problem = {
  status: 0,
  kind: "not-reached",
  detail: "Tourniquet does not answer. Is this device online?",
  errors: [],
  retryAfterSec: null,
};

async function readProblem(response: Response): Promise<Problem> {
  const said = await response.json().catch(() => ({})); // a proxy in between answers in its own words
  const { type = "", detail, errors = [] } = said as { type?: string; detail?: string; errors?: Problem["errors"] };
  const retryAfter = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    kind: type.split(":").at(-1) ?? "",
    detail: detail ?? `Tourniquet answered ${response.status}, and did not say why.`,
    errors,
    retryAfterSec: retryAfter > 0 ? retryAfter : null,
  };
}

/** Who is at work is asked without losing it; who is not sees the login page, which leads back to here. */
function askWho(): void {
  if (session.get()) hasEnded.set(true);
  else session.set(null);
}

/** What went wrong, as Problem; what is no answer of the API is thrown on. */
export function problemIn(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  throw error;
}
