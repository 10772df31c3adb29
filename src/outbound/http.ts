import { Agent } from "undici";
import { type Attributes, type Tracing, untraced } from "../incident/tracing.ts";
import type { Address, AddressRule } from "./address.ts";
import { type Ending, exchange } from "./exchange.ts";
import { guardedLookup } from "./guarded-lookup.ts";

export interface HttpSettings {
  /** Requests under way at once. */
  connections: number;
  /** The whole call, where the caller does not say. Default 5,000 (guarantees.md section 7). */
  deadlineMs?: number | undefined;
  /** Default 2,000. */
  connectTimeoutMs?: number | undefined;
  /** Default 1 MiB. */
  maxResponseBytes?: number | undefined;
  /** Each call is a span. Default: none is made. */
  tracing?: Tracing | undefined;
}

/** One request. `path` begins with a slash and holds no raw input: see path.ts. */
export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Instead of `body`: JSON to the byte, where the bytes are signed. */
  text?: string;
  apiKey?: string;
  idempotencyKey?: string;
  /** What a trace calls it: the path without the ids in it, as path.ts knows it, or what it is for. Never the path: that may hold a secret. */
  route?: string;
  /** Further attributes of its span. */
  about?: Attributes;
  /** Of the service's own kind; none of ours is replaced. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * deadlineMs: the whole call, connecting included. signal: a worker that lost its job aborts. sendBy: by performance.now(), what has
 * not gone out by then never does.
 */
export interface CallLimits {
  deadlineMs?: number;
  signal?: AbortSignal;
  sendBy?: number;
}

export interface Http {
  send(request: HttpRequest, options?: CallLimits): Promise<Ending>;
  /** Lets what is under way end, then closes every connection. */
  close(): Promise<void>;
}

/** Calls to one service outside, and all of our traffic to it: no redirects, no repeats, no pipelining. */
export function createHttp(
  address: Address,
  rule: Pick<AddressRule, "code" | "allowPrivateHosts">,
  settings: HttpSettings,
): Http {
  const { deadlineMs = 5_000, connectTimeoutMs = 2_000, tracing = untraced } = settings;
  const agent = new Agent({
    connections: settings.connections,
    pipelining: 1,
    // HTTP/2 would put every cancel on one connection, and one reset would leave all of them unknown.
    allowH2: false,
    maxResponseSize: settings.maxResponseBytes ?? 1024 * 1024,
    // The deadline of the call covers both; two clocks for one thing would disagree.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup({ ...rule, isLoopback: address.isLoopback }) },
  });
  return {
    send: (request, options) =>
      traced(tracing, address, request, () =>
        exchange(
          agent,
          {
            origin: address.origin,
            path: address.prefix + request.path,
            ...(request.query && { query: request.query }),
            method: request.method,
            headers: headersOf(request),
            body: bodyOf(request) ?? null,
          },
          { deadlineMs: options?.deadlineMs ?? deadlineMs, signal: options?.signal, sendBy: options?.sendBy },
        ),
      ),
    close: () => agent.close(),
  };
}

/** One span a call (OpenTelemetry's conventions for HTTP), with how it ended. */
function traced(
  tracing: Tracing,
  { origin }: Address,
  { method, route, about }: HttpRequest,
  call: () => Promise<Ending>,
): Promise<Ending> {
  if (tracing === untraced) return call();
  const { hostname, port } = new URL(origin);
  const attributes = {
    ...about,
    "http.request.method": method,
    "url.template": route,
    "server.address": hostname,
    "server.port": port === "" ? undefined : Number(port),
  };
  return tracing.span(
    { name: route === undefined ? method : `${method} ${route}`, kind: "client", attributes },
    async () => {
      const ending = await call();
      const { status, failure } = ending;
      const errorType =
        failure instanceof Error ? "transport" : (failure ?? (status! >= 400 ? String(status) : undefined));
      tracing.note({ "http.response.status_code": status, "error.type": errorType });
      return ending;
    },
  );
}

function bodyOf({ body, text }: HttpRequest): string | undefined {
  return text ?? (body === undefined ? undefined : JSON.stringify(body));
}

function headersOf(request: HttpRequest): Record<string, string> {
  return {
    ...request.headers,
    accept: "application/json",
    "user-agent": "tourniquet",
    ...(request.apiKey !== undefined && { authorization: `Bearer ${request.apiKey}` }),
    ...(bodyOf(request) !== undefined && { "content-type": "application/json" }),
    ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
  };
}
