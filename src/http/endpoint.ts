import type { Request, Response } from "express";
import type { z } from "zod";
import type { Role } from "../incident/credentials.ts";
import type { Caller } from "./caller.ts";
import type { Problem } from "./problem.ts";
import type { ProblemKind } from "./problem-kinds.ts";

export type Method = "get" | "post" | "delete";

/** One way an operation ends well. `body`: the shape of its JSON; `media`: what else it is sent as, such as text/event-stream. */
export interface AnswerShape {
  what: string;
  body?: z.ZodType;
  media?: readonly string[];
}

type Answers = Readonly<Record<number, AnswerShape>>;
type Read<S> = S extends z.ZodType ? z.output<S> : Readonly<Record<string, never>>;

/** What was asked, read by the endpoint's schemas, and who asks. */
export interface Asked<Params, Query, Body> {
  params: Read<Params>;
  query: Read<Query>;
  body: Read<Body>;
  /** The posted file, byte for byte as UTF-8; empty where none is taken. */
  file: string;
  caller: Caller;
  req: Request;
  res: Response;
}

/** Of an endpoint whose schemas are not known here; what is not asked for is an empty object. */
export interface AnyAsked extends Omit<Asked<undefined, undefined, undefined>, "params" | "query" | "body"> {
  params: Readonly<Record<string, unknown>>;
  query: Readonly<Record<string, unknown>>;
  body: Readonly<Record<string, unknown>>;
}

/** Lists of ours are read-only as a rule, and schemas do not say so. */
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

type JsonReply<A extends Answers> = {
  [S in keyof A & number]: {
    status: S;
    body: A[S] extends { body: z.ZodType } ? Frozen<z.input<A[S]["body"]>> : undefined;
    headers?: Readonly<Record<string, string>>;
  };
}[keyof A & number];

/**
 * What `act` comes to: JSON of one of its answers; a text of another media type; a problem; "sent" where it wrote the answer
 * itself, as a stream does; null: there is no such thing, and `unknown` says so.
 */
export type Reply<A extends Answers = Answers> =
  | JsonReply<A>
  | { text: string; type: string; headers?: Readonly<Record<string, string>> }
  | { problem: Problem }
  | "sent"
  | null;

/** What /openapi.json tells of one operation. */
export interface Operation {
  method: Method;
  /** In OpenAPI's form: /api/incidents/{id}. */
  path: string;
  /** The operationId, and what the audit trail calls the change. */
  id: string;
  tag: string;
  summary: string;
  /** What else somebody who calls it must know. */
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** Instead of a body in fields: a file, posted as it is. */
  file?: PostedFile;
  answers: Answers;
  /** Statuses of problems besides those that the way it is asked brings with it (openapi.ts). */
  problems?: readonly number[];
  /** The 404 of a thing that is not there, or of a path that cannot name one. */
  unknown?: { kind: ProblemKind; detail: string };
}

export interface PostedFile {
  /** The content type it is posted with. */
  media: string;
  most: "256kb" | "4mb";
  what: string;
}

/**
 * One operation as data (O5): what it takes and gives, for the mount that checks it, for `act` that is typed by it, and for
 * /openapi.json. What its schemas do not name is refused by name. P: the ports it needs.
 */
export interface Endpoint<P> extends Operation {
  /** Who may; of several, one of them is enough. */
  role: Role | readonly Role[];
  /** A browser must have logged in a moment ago (auth/judge.ts). */
  freshLogin?: boolean;
  /** What a body with mistakes is answered with, before they are named: "Say who takes it on." */
  says?: string;
  /** No GET, and still it changes nothing: no Idempotency-Key, no line in the audit trail. */
  onlyReads?: true;
  /** Whether this body only asks what a change would do: then it stands in no audit trail. */
  isDryRun?(body: Readonly<Record<string, unknown>>): boolean;
  /** Whose changes are no person's decision and would drown the audit trail: what agents report of themselves. */
  unaudited?: Role;
  act(ports: P, asked: AnyAsked): Promise<Reply> | Reply;
}

/** What asks for an Idempotency-Key and is in the audit trail. */
export function isChange({ method, onlyReads }: Pick<Endpoint<never>, "method" | "onlyReads">): boolean {
  return method !== "get" && onlyReads !== true;
}

type Definition<P, Params, Query, Body, A extends Answers> = Omit<
  Endpoint<P>,
  "params" | "query" | "body" | "answers" | "act"
> & {
  params?: Params;
  query?: Query;
  body?: Body;
  answers: A;
  act(ports: P, asked: Asked<Params, Query, Body>): Promise<Reply<A>> | Reply<A>;
};

/** Ties the types of what is asked and answered to the schemas. */
export function endpoint<
  P,
  const A extends Answers,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodObject | undefined = undefined,
>(definition: Definition<P, Params, Query, Body, A>): Endpoint<P> {
  return definition as unknown as Endpoint<P>;
}

/** An answer in JSON; its status is one of the endpoint's `answers`, and its body has that answer's shape. */
export function reply<const S extends number, B = undefined>(
  status: S,
  body?: B,
  headers: Readonly<Record<string, string>> = {},
): { status: S; body: B; headers: Readonly<Record<string, string>> } {
  return { status, body: body as B, headers };
}
