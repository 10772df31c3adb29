import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";

/** One operation as /openapi.json tells it. */
export interface Told {
  id: string;
  method: string;
  path: string;
  operation: {
    operationId: string;
    parameters?: readonly { in: string; name: string; required?: boolean }[];
    requestBody?: { content: Record<string, unknown> };
    responses: Record<string, { content?: Record<string, { schema: object }> }>;
    security?: readonly object[];
  };
}

export type Document = {
  paths: Record<string, Record<string, Told["operation"]>>;
  components: {
    schemas: Record<string, object>;
    responses: Record<string, Told["operation"]["responses"][string]>;
    securitySchemes: Record<string, object>;
  };
};

/** What a request says; params stand in the path. */
export interface Said {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Instead of a JSON body. */
  file?: { type: string; text: string };
  headers?: Record<string, string>;
}

export interface Answered {
  status: number;
  headers: Headers;
  /** Of JSON; else an empty object. */
  body: Record<string, unknown>;
  text: string;
}

/** An API as its own description tells it: requests by operationId, and every answer checked against what is told of it. */
export interface ToldApi {
  document: Document;
  operations: readonly Told[];
  ask(id: string, said?: Said): Promise<Answered>;
}

export async function toldApi(url: string): Promise<ToldApi> {
  const document = withResponses((await (await fetch(`${url}/openapi.json`)).json()) as Document);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ id: operation.operationId, method, path, operation })),
  );
  const validators = validatorsOf(document);
  return {
    document,
    operations,
    async ask(id, said = {}) {
      const told = operations.find((one) => one.id === id);
      if (!told) throw new Error(`/openapi.json tells of no ${id}`);
      const answered = await read(await fetch(urlOf(url, told, said), requestOf(told, said)));
      expectTold(told, answered, validators);
      return answered;
    },
  };
}

/** Each operation with its responses in place of references to them. */
function withResponses(document: Document): Document {
  const { responses } = document.components;
  const resolve = (_: string, value: unknown) => {
    const name = /^#\/components\/responses\/(\w+)$/.exec((value as { $ref?: string } | null)?.$ref ?? "")?.[1];
    return name === undefined ? value : responses[name];
  };
  return JSON.parse(JSON.stringify(document, resolve)) as Document;
}

function urlOf(url: string, { path }: Told, { params = {}, query = {} }: Said): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? "none"));
  const search = new URLSearchParams(query).toString();
  return `${url}${filled}${search && `?${search}`}`;
}

function requestOf({ method }: Told, { body, file, headers = {} }: Said): RequestInit {
  const type = file?.type ?? (body === undefined ? undefined : "application/json");
  return {
    method: method.toUpperCase(),
    redirect: "manual",
    headers: { ...(type && { "content-type": type }), ...headers },
    ...(type && { body: file?.text ?? JSON.stringify(body) }),
  };
}

/** A stream is read up to its first piece. */
async function read(response: Response): Promise<Answered> {
  const type = response.headers.get("content-type") ?? "";
  const { status, headers } = response;
  if (type.startsWith("text/event-stream")) {
    const reader = response.body!.getReader();
    const text = new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    return { status, headers, body: {}, text };
  }
  const text = await response.text();
  return { status, headers, text, body: /json/.test(type) ? JSON.parse(text) : {} };
}

/** Its status, its content type and its body are told, and the body has that shape. */
function expectTold(told: Told, { status, headers, body, text }: Answered, validators: Validators): void {
  const where = `${told.id} ${status} ${text.slice(0, 300)}`;
  const response = told.operation.responses[status];
  expect(response, `${where}: the status is not told`).toBeDefined();
  const media = (headers.get("content-type") ?? "").split(";", 1)[0]!;
  const content = response!.content?.[media];
  if (text !== "") expect(content, `${where}: the content type ${media} is not told`).toBeDefined();
  if (!content || !/json/.test(media)) return;
  const validate = validators(told, status, media);
  expect(validate(body) ? [] : validate.errors, where).toEqual([]);
}

type Validators = (told: Told, status: number, media: string) => ValidateFunction;

function validatorsOf(document: Document): Validators {
  const { ajv, paths } = schemasOf(document);
  return ({ path, method }, status, media) =>
    ajv.compile(paths[path]![method]!.responses[status]!.content![media]!.schema);
}

/**
 * The named schemas under their names, and the paths with references to them by name; strict: a word that is none is refused, and
 * so is a field of an answer that is not told. Answers are open for fields to come (docs/api.md); here none may be forgotten.
 */
export function schemasOf(document: Document): { ajv: Ajv2020; paths: Document["paths"] } {
  const { paths, components } = JSON.parse(
    JSON.stringify(document).replaceAll('"#/components/schemas/', '"'),
  ) as Document;
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  ajv.addVocabulary(["example"]);
  for (const [name, schema] of Object.entries(components.schemas)) ajv.addSchema(closed(schema), name);
  return { ajv, paths: closed(paths) };
}

function closed<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(closed) as T;
  const { type, properties, additionalProperties } = value as Record<string, unknown>;
  const isObject = type === "object" && properties !== undefined && additionalProperties === undefined;
  const parts = Object.entries(value).map(([name, part]) => [name, closed(part)]);
  return { ...Object.fromEntries(parts), ...(isObject && { additionalProperties: false }) };
}
