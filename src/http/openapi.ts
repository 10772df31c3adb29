import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import { rolesFor } from "../incident/credentials.ts";
import { problemShape } from "./api/shapes/problem.ts";
import { type AnswerShape, type Endpoint, isChange, type Operation } from "./endpoint.ts";
import { securityNeeds, securitySchemes } from "./openapi-security.ts";

/** One that is not mounted by its description, and has one all the same. needs: what proves who asks; nothing for `anybody`. */
export interface Described extends Operation {
  needs: keyof typeof securityNeeds;
}

type Either = Endpoint<never> | Described;

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** The description of the whole API as OpenAPI 3.1 (O5), from the very schemas that the mount checks with. */
export function openApiDocument(
  endpoints: readonly Endpoint<never>[],
  described: readonly Described[] = [],
): ReturnType<typeof createDocument> {
  const all: readonly Either[] = [...endpoints, ...described];
  const paths: ZodOpenApiPathsObject = {};
  for (const one of all) paths[one.path] = { ...paths[one.path], [one.method]: operation(one) };
  const description: ZodOpenApiObject = {
    openapi: "3.1.1",
    info: {
      title: "Tourniquet",
      version,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description: "Incident response for fleets of agents that trade through the GreenHelix gateway.",
    },
    servers: [{ url: "/", description: "where this document came from" }],
    security: [...securityNeeds.role],
    tags: [...new Set(all.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { securitySchemes },
  };
  return createDocument(description, { override: openAnswers });
}

/** New fields of answers are no break (docs/api.md): whoever reads strictly by this must not meet one. What is sent stays strict. */
const openAnswers: ZodOpenApiOverride = ({ jsonSchema, io }) => {
  if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

function operation(one: Either): ZodOpenApiOperationObject {
  const { id, tag, summary, params, query, body, file, answers } = one;
  const header = headersOf(one);
  const json = body && { "application/json": { schema: asSent(body) } };
  const content = file ? { [file.media]: { schema: z.string().meta({ description: file.what }) } } : json;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: ["role" in one ? whoMay(one) : null, one.description].filter(Boolean).join(" "),
    ...("needs" in one && { security: [...securityNeeds[one.needs]] }),
    requestParams: { ...(params && { path: params }), ...(query && { query }), ...(header && { header }) },
    ...(content && { requestBody: { required: true, content } }),
    responses: { ...success(answers), ...failures(one) },
  };
}

const csrf = {
  "x-csrf-token": z
    .string()
    .optional()
    .meta({ description: "with a browser's login: what GET /api/session answers as csrfToken" }),
};
const once = {
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({ description: "sent again with the same one, the same order is done once and answered the same for 24 h" }),
};

function headersOf(one: Either): z.ZodObject | undefined {
  if (!("role" in one) || one.method === "get") return undefined;
  return z.object(isChange(one) ? { ...once, ...csrf } : csrf);
}

/** Whoever asks with a personal token or a login need not say who they are. */
function asSent(body: z.ZodObject): z.ZodObject {
  const { by, owner, ...rest } = body.shape as Record<string, z.ZodType>;
  const optional = { ...(by && { by: by.optional() }), ...(owner && { owner: owner.optional() }) };
  return by || owner ? z.strictObject({ ...optional, ...rest }) : body;
}

export function whoMay({ role }: Endpoint<never>): string {
  return `For the roles ${rolesFor(role).join(", ")}.`;
}

function success(answers: Readonly<Record<number, AnswerShape>>): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { what, body, media = [] }]) => {
      const content = {
        ...(body && { "application/json": { schema: body } }),
        ...Object.fromEntries(media.map((type) => [type, { schema: z.string() }])),
      };
      return [status, { description: what, ...(Object.keys(content).length > 0 && { content }) }];
    }),
  );
}

function failures(one: Either): ZodOpenApiResponsesObject {
  const statuses = [...("role" in one ? problemsOf(one) : []), 405, ...(one.problems ?? [])];
  return Object.fromEntries([...new Set(statuses)].sort().map((status) => [status, problemOf(status)]));
}

/** One named response for each status: written out at every operation they would be most of the document. */
const problems = new Map<number, ZodOpenApiResponseObject>();
function problemOf(status: number): ZodOpenApiResponseObject {
  const content = { "application/problem+json": { schema: problemShape } };
  const made = problems.get(status) ?? { id: `Problem${status}`, description: STATUS_CODES[status] ?? "", content };
  problems.set(status, made);
  return made;
}

/** 401 and 403 of who asks, 422 of what is not known here, 503 of a Redis that is away; the others where they can come. */
function problemsOf(one: Endpoint<never>): number[] {
  return [
    ...[401, 403, 422, 503],
    ...(one.params || one.unknown ? [404] : []),
    // An address may have an escape that is none.
    ...(one.params || one.method !== "get" ? [400] : []),
    ...(one.method === "get" ? [] : [413, 415]),
    ...(isChange(one) ? [409] : []),
  ];
}
