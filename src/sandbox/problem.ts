/**
 * A refusal as the gateway words it: RFC 9457 with the code only as the last part of `type`. There is no `code` field and
 * no request id in the body, so a client has to branch on status and tail.
 */
export class Problem extends Error {
  readonly status: number;
  /** Hyphenated, the last path part of `type`. */
  readonly tail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, tail: string, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.tail = tail;
    this.headers = headers;
  }
}

/** What goes out for one request. A string body is sent as it is, anything else as JSON. */
export interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  body: unknown;
}

const titles: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  410: "Gone",
  413: "Payload Too Large",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** 413 and 504 are written by middleware that knows no path, so they lack `instance`. */
const withoutInstance = new Set([413, 504]);

export function problemReply(problem: Problem, path: string): Reply {
  const { status, tail, message: detail, headers } = problem;
  const body = {
    type: `https://api.greenhelix.net/errors/${tail}`,
    title: titles[status] ?? "Error",
    status,
    detail,
    ...(withoutInstance.has(status) ? {} : { instance: path }),
  };
  return { status, headers: { ...headers, "Content-Type": "application/problem+json" }, body };
}

/** What nginx in front of the real one answers when it has had enough: HTML, which no client should try to parse. */
export function edgeUnavailable(): Reply {
  const body =
    "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n" +
    "<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
  return { status: 503, headers: { "Content-Type": "text/html" }, body };
}
