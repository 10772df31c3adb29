import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints } from "../../src/http/api/index.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { schemasOf, type Told, type ToldApi, toldApi } from "./told-api.ts";

let api: Api;
let told: ToldApi;
beforeAll(async () => {
  api = await openApi({ tokens });
  told = await toldApi(api.url);
});
afterAll(() => api.close());

const where = ({ method, path }: Pick<Told, "method" | "path">) => `${method.toUpperCase()} ${path}`;
const named = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

/** Every object within, the value itself included. */
function* within(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  yield value as Record<string, unknown>;
  for (const one of Object.values(value)) yield* within(one);
}

describe("/openapi.json", () => {
  it("is OpenAPI 3.1 with what that needs", () => {
    expect(told.document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d$/),
      info: { title: expect.any(String), version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      paths: expect.any(Object),
    });
    for (const path of Object.keys(told.document.paths)) expect(path).toMatch(/^\/[^?#]*$/);
    for (const { operation } of told.operations)
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response).toMatchObject({ description: expect.stringMatching(/\S/) });
      }
  });

  it("tells of every endpoint, and of what is mounted by hand", () => {
    const all = told.operations.map(where);
    for (const { method, path } of endpoints) expect(all).toContain(where({ method, path }));
    const others = ["POST /webhooks/greenhelix", "POST /webhooks/agent-activity", "POST /login", "POST /logout"];
    const open = ["GET /api/session", "GET /healthz", "GET /readyz", "GET /metrics", "GET /docs", "GET /openapi.json"];
    expect(all).toEqual(expect.arrayContaining([...others, ...open]));
  });

  it("names each operation once", () => {
    const ids = told.operations.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it("describes every parameter of a path, and none that it does not have", () => {
    for (const one of told.operations) {
      const inPath = (one.operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect([where(one), inPath.map(({ name }) => name).sort()]).toEqual([where(one), named(one.path).sort()]);
      expect(inPath.every(({ required }) => required === true)).toBe(true);
    }
  });

  it("leads nowhere that is not there", () => {
    const { schemas, securitySchemes } = told.document.components;
    const refs = [...within(told.document)].flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : []));
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of refs) expect(Object.keys(schemas).map((name) => `#/components/schemas/${name}`)).toContain(ref);
    const needs = told.operations.flatMap(({ operation }) => operation.security ?? []).flatMap(Object.keys);
    for (const need of needs) expect(Object.keys(securitySchemes)).toContain(need);
  });

  it("has schemas that are JSON Schema 2020-12, and examples that they accept", () => {
    const { ajv } = schemasOf(told.document);
    for (const [name, schema] of Object.entries(told.document.components.schemas)) {
      expect([name, ajv.validateSchema(schema)]).toEqual([name, true]);
      const validate = ajv.getSchema(name)!;
      const { example } = schema as { example?: unknown };
      if (example !== undefined) expect([name, validate(example), validate.errors]).toEqual([name, true, null]);
    }
  });

  it("answers every failure with a problem, and asks every change for a key of its own at will", () => {
    for (const one of told.operations)
      for (const [status, { content }] of Object.entries(one.operation.responses))
        if (Number(status) >= 400)
          expect([where(one), status, content]).toEqual([
            where(one),
            status,
            { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
          ]);
    for (const endpoint of endpoints) {
      const { operation } = told.operations.find(({ id }) => id === endpoint.id)!;
      const asks = operation.parameters?.some(({ name }) => name === "idempotency-key") ?? false;
      expect([endpoint.id, asks]).toEqual([endpoint.id, endpoint.method !== "get" && !endpoint.onlyReads]);
    }
  });

  it("says of nothing that it may be anything, but of what depends on its kind", () => {
    const isOpen = (value: unknown) => JSON.stringify(value) === "{}";
    const open = Object.entries(told.document.components.schemas).flatMap(([name, schema]) =>
      [...within(schema)].some((one) => one.additionalProperties === true || Object.values(one).some(isOpen))
        ? [name]
        : [],
    );
    // Details of a step, of a line, of a job; what a source of evidence or a sender said; figures of a drill and of the doctor.
    const meant = ["Incident", "Recovery", "Evidence", "Ledger", "DeadLetterHistory", "AuditedChange", "WebhookEvent"];
    expect(open.filter((name) => ![...meant, "Diagnosis", "DrillRun"].includes(name))).toEqual([]);
  });

  it("is a page for people too, in which every address stands", async () => {
    const page = await api.get("/docs");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const { path } of told.operations) expect(page.text).toContain(path);
    expect(page.text).not.toMatch(/<script|style=/);
  });
});
