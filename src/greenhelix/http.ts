import { Agent } from "undici";
import type { CallOptions } from "../incident/gateway.ts";
import { type Ending, exchange } from "./exchange.ts";
import { guardedLookup } from "./guarded-lookup.ts";
import { parseAddress } from "./origin.ts";

export interface HttpSettings {
  /** GREENHELIX_BASE_URL, with or without a trailing /v1. */
  baseUrl: string;
  /** Requests under way at once; 312 escrows are cancelled this many at a time. Default 64. */
  connections?: number;
  /** The whole call, where the caller does not say. Default 5,000 (guarantees.md section 7). */
  deadlineMs?: number;
  /** Default 2,000. */
  connectTimeoutMs?: number;
  /** Default 1 MiB. */
  maxResponseBytes?: number;
  /** A gateway of one's own behind a private address; off by default (DNS rebinding). */
  allowPrivateHosts?: boolean;
}

/** One request to the gateway. `path` begins with /v1 and holds no raw input: see path.ts. */
export interface HttpRequest {
  method: "GET" | "POST" | "PUT";
  path: string;
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
  apiKey: string;
  idempotencyKey?: string;
}

export interface Http {
  send(request: HttpRequest, options?: CallOptions): Promise<Ending>;
  /** Lets what is under way end, then closes every connection. */
  close(): Promise<void>;
}

/** The one place that talks to the gateway: no redirects, no repeats, no pipelining. Throws gateway-misconfigured for a bad address. */
export function createHttp(settings: HttpSettings): Http {
  const { connections = 64, deadlineMs = 5_000, connectTimeoutMs = 2_000, allowPrivateHosts = false } = settings;
  const address = parseAddress(settings.baseUrl, allowPrivateHosts);
  const agent = new Agent({
    connections,
    pipelining: 1,
    // HTTP/2 would put every cancel on one connection, and one reset would leave all of them unknown.
    allowH2: false,
    maxResponseSize: settings.maxResponseBytes ?? 1024 * 1024,
    // The deadline of the call covers both; two clocks for one thing would disagree.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: connectTimeoutMs,
      lookup: guardedLookup({ isLoopback: address.isLoopback, allowPrivateHosts }),
    },
  });
  return {
    send: (request, options) =>
      exchange(
        agent,
        {
          origin: address.origin,
          path: address.prefix + request.path,
          ...(request.query && { query: request.query }),
          method: request.method,
          headers: headersOf(request),
          body: request.body === undefined ? null : JSON.stringify(request.body),
        },
        { deadlineMs: options?.deadlineMs ?? deadlineMs, signal: options?.signal },
      ),
    close: () => agent.close(),
  };
}

function headersOf(request: HttpRequest): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${request.apiKey}`,
    "user-agent": "tourniquet",
    ...(request.body !== undefined && { "content-type": "application/json" }),
    ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
  };
}
