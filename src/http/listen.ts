import { createServer, IncomingMessage, type Server, ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Express } from "express";
import { type Problem, problemBody } from "./problem.ts";

export interface Listening {
  url: string;
  port: number;
  server: Server;
  /** Takes nothing new, lets requests under way finish, cuts what is left after withinMs. */
  close(withinMs?: number): Promise<void>;
}

/** guarantees.md section 7: how long and how large a request may be before it costs us more than its sender. */
const limits = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 8_000,
  /** Node looks every 30 s by default, which would make the two above late. */
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
} as const;
const MAX_HEADERS = 64;
/** Above the 512 of guarantees.md, so that a gateway that opens a connection per delivery in a storm is not turned away at once. */
const MAX_CONNECTIONS = 2_048;

/** port 0 takes a free one. Resolves when connections are taken, rejects if the address is not to be had. */
export function listen(
  app: Express,
  options: { port: number; host: string; maxConnections?: number },
): Promise<Listening> {
  const server = createServer({ ...limits, ...classesBornFor(app) }, app);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.on("clientError", answerClientError);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      const { port } = server.address() as AddressInfo;
      const host = options.host.includes(":") ? `[${options.host}]` : options.host;
      resolve({ url: `http://${host}:${port}`, port, server, close: (withinMs) => close(server, withinMs) });
    });
  });
}

/**
 * Express gives every request and response the app's prototype after they are made, which throws away what V8 learned
 * about them; born with it, the same call changes nothing. It tripled throughput on Node 20; on Node 24 it saves little
 * (docs/benchmarks.md).
 */
function classesBornFor(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse<AppRequest> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype as unknown as Express["request"];
  app.response = AppResponse.prototype as unknown as Express["response"];
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** What never became a request still gets a readable answer, where one can still be written. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const problem = problemByCode[error.code ?? ""] ?? malformed;
  const body = problemBody(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const malformed: Problem = { status: 400, kind: "malformed", detail: "This is no HTTP request." };
const problemByCode: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    kind: "headers-too-large",
    detail: `Headers may have at most ${limits.maxHeaderSize} bytes.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, kind: "too-slow", detail: "The request did not arrive in time." },
};

function close(server: Server, withinMs = 5_000): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
