import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import { rolesFor } from "../incident/credentials.ts";
import type { AnswerShape, Endpoint } from "./endpoint.ts";

/** RFC 9457; every answer that is no success has this shape. */
export const problemShape = z
  .object({
    type: z.string().meta({ description: "urn:tourniquet:problem:<kind>; the kind is stable and for programs" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "for people: what is wrong and how to mend it" }),
    instance: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** The description of the whole API as OpenAPI 3.1 (O5), from the very schemas that the mount checks with. */
export function openApiDocument(endpoints: readonly Endpoint<never>[]): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints)
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "Tourniquet",
      version,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description: "Incident response for fleets of agents that trade through the GreenHelix gateway.",
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { session: [] }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "a token of the environment, or a personal one" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-tourniquet",
          description: "a browser's login; changes need x-csrf-token too",
        },
      },
    },
  });
}

function operation(endpoint: Endpoint<never>): ZodOpenApiOperationObject {
  const { id, tag, summary, params, query, body, answers } = endpoint;
  const isChange = endpoint.method !== "get";
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: whoMay(endpoint),
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(isChange && { header: changeHeaders }),
    },
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: asSent(body) } } } }),
    responses: { ...success(answers), ...failures(endpoint) },
  };
}

const changeHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({ description: "sent again with the same one, the same order is done once and answered the same for 24 h" }),
});

/** Whoever asks with a personal token or a login need not say who they are. */
function asSent(body: z.ZodObject): z.ZodObject {
  return "by" in body.shape ? body.partial({ by: true }) : body;
}

function whoMay({ role, openHere }: Endpoint<never>): string {
  if (typeof role === "function") return "The role it needs depends on what is asked.";
  const here = openHere ? " As long as no token is configured, also whoever asks from the same machine." : "";
  return `For the roles ${rolesFor(role).join(", ")}.${here}`;
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

/** 401 and 403 of who asks, 503 of a Redis that is away; the others where they can come. */
function failures({ method, params, query, body, unknown, problems = [] }: Endpoint<never>): ZodOpenApiResponsesObject {
  const takes = query !== undefined || body !== undefined;
  const isChange = method !== "get";
  const statuses = [
    401,
    403,
    ...(params || unknown ? [404] : []),
    ...(isChange ? [400, 409, 413, 415] : []),
    ...(takes || isChange ? [422] : []),
    503,
    ...problems,
  ];
  const shape = { "application/problem+json": { schema: problemShape } };
  return Object.fromEntries(
    [...new Set(statuses)]
      .sort()
      .map((status) => [status, { description: STATUS_CODES[status] ?? "", content: shape }]),
  );
}
