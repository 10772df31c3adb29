import { type ServerResponse, STATUS_CODES } from "node:http";
import type { ZodError } from "zod";
import type { Mistake } from "../detect/events/mistake.ts";
import { TourniquetError } from "../errors.ts";
import { inOneLine, mistakesOf } from "../incident/mistakes.ts";
import type { ProblemKind } from "./problem-kinds.ts";

/** An answer that is no success, as RFC 9457 writes it. `kind` is stable and machine-readable (problem-kinds.ts); `detail` is for people. */
export interface Problem {
  status: number;
  kind: ProblemKind;
  detail: string;
  errors?: readonly Mistake[];
  headers?: Readonly<Record<string, string>>;
}

/** Seconds after which a sender should try again when we could not store what it sent. */
export const RETRY_AFTER_SEC = 5;

/** instance is the path that was asked; its query is left out, since a token may stand in it. */
export function problemBody(problem: Problem, instance?: string): string {
  const { status, kind, detail, errors } = problem;
  const path = instance?.split("?", 1)[0];
  return JSON.stringify({
    type: `urn:tourniquet:problem:${kind}`,
    title: STATUS_CODES[status],
    status,
    detail,
    instance: path,
    errors,
  });
}

export function sendProblem(res: ServerResponse, problem: Problem): void {
  const req = res.req as { originalUrl?: string; url?: string };
  const body = problemBody(problem, req.originalUrl ?? req.url);
  res.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...problem.headers,
  });
  res.end(body);
}

/** What zod refused, every field named, as an error that `problemOf` answers with 422. says: left out, the mistakes say it. */
export function invalidInput(issues: ZodError["issues"], says?: string): TourniquetError {
  const mistakes = mistakesOf(issues);
  return new TourniquetError("input-invalid", says ?? `That has mistakes: ${inOneLine(mistakes)}.`, { mistakes });
}

/** Storage did not answer in time or refuses writes: nothing was acknowledged, so the sender shall come again. */
export const storageUnavailable: Problem = {
  status: 503,
  kind: "storage-unavailable",
  detail: "The event could not be stored. Nothing was acknowledged; send it again.",
  headers: { "retry-after": String(RETRY_AFTER_SEC) },
};

/** What an error means to whoever asked. Undefined: not foreseen, so it is a 500 and somebody should look at the log. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof TourniquetError) {
    if (error.code === "not-found") return { status: 404, kind: "not-found", detail: error.message };
    if (error.code === "input-invalid") {
      const errors = error.detail.mistakes as readonly Mistake[] | undefined;
      return { status: 422, kind: "invalid", detail: error.message, ...(errors && { errors }) };
    }
    if (error.code === "conflict") return { status: 409, kind: "conflict", detail: error.message };
    if (error.code === "config-invalid") return { status: 409, kind: "not-configured", detail: error.message };
    if (error.code === "gateway-unreachable")
      return { status: 502, kind: "gateway-unreachable", detail: error.message };
    if (error.code === "redis-unavailable" || error.code === "redis-full")
      return { ...storageUnavailable, detail: "Redis does not answer or refuses writes; try again." };
    return undefined;
  }
  // What express.json and the router throw.
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400)
    return { status, kind: "malformed", detail: "The request is not readable; a body is JSON in UTF-8." };
  if (status === 413) return { status, kind: "too-large", detail: "The body is too large." };
  if (status === 415) return { status, kind: "unsupported-media-type", detail: "Send plain JSON in UTF-8." };
  return undefined;
}
