import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints } from "../../src/http/api/index.ts";
import { problemKinds } from "../../src/http/problem-kinds.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { type Said, schemasOf, type Told, type ToldApi, toldApi } from "./told-api.ts";

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

describe("docs/api.md", () => {
  it("says of every kind of problem what to do, once and of no other", () => {
    const text = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| [45]\d\d[^|]*\|([^|]+)\|/gm)].map(([, kinds]) => kinds!);
    const told = rows.flatMap((kinds) => [...kinds.matchAll(/`([^`]+)`/g)].map(([, kind]) => kind!));
    expect(told.toSorted()).toEqual([...problemKinds].toSorted());
  });

  it("has no kind that nothing answers", () => {
    const folder = new URL("../../src/http/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const code = files.filter((file) => file.endsWith(".ts") && file !== "problem-kinds.ts");
    const text = code.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
    expect(problemKinds.filter((kind) => !text.includes(`"${kind}"`))).toEqual([]);
  });
});

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

  it("lets an answer have new fields, and a body of an order none that is not known", () => {
    const refuses = (value: unknown) => [...within(value)].some((one) => one.additionalProperties === false);
    const answers = told.operations.map(({ operation }) => operation.responses);
    expect([told.document.components.schemas, ...answers].filter(refuses)).toEqual([]);
    for (const { id, method, body } of endpoints) {
      if (method === "get" || body === undefined) continue;
      const sent = told.operations.find((one) => one.id === id)!.operation.requestBody!.content["application/json"];
      expect([id, sent]).toMatchObject([id, { schema: { type: "object", additionalProperties: false } }]);
    }
  });

  it.each([
    [400, { file: { type: "application/json", text: "{" } }],
    [401, { body: { token: "of nobody" } }],
    [413, { body: { token: "t".repeat(3_000) } }],
    [415, { file: { type: "application/json; charset=latin1", text: "{}" } }],
    [422, { body: {} }],
    [422, { file: { type: "text/plain", text: "token" } }],
  ] satisfies [number, Said][])("tells that a login may be answered %i", async (status, said) => {
    expect((await told.ask("logIn", said)).status).toBe(status);
  });

  it("tells that an address with a broken escape is answered 400", async () => {
    const inPath = told.operations.filter(({ method, path }) => method === "get" && path.includes("{"));
    expect(inPath.length).toBeGreaterThan(5);
    for (const { path, operation } of inPath) {
      const { status } = await api.get(path.replaceAll(/\{\w+\}/g, "%"), { authorization: `Bearer ${tokens.admin}` });
      expect([path, status, operation.responses]).toEqual([
        path,
        400,
        expect.objectContaining({ 400: expect.anything() }),
      ]);
    }
  });

  it("is a page for people too, in which every address stands", async () => {
    const page = await api.get("/docs");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const { path } of told.operations) expect(page.text).toContain(path);
    expect(page.text).not.toMatch(/<script|style=|`|\([A-Z]\d\)/);
    expect((await api.get("/docs.css")).headers.get("content-type")).toBe("text/css; charset=utf-8");
  });
});
