import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as OTLP/HTTP with JSON brings it, its attributes as a plain object. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** "" of the first one. */
  parentSpanId: string;
  name: string;
  /** server, client or consumer. */
  kind: string;
  attributes: Record<string, unknown>;
  links: readonly string[];
  isError: boolean;
  /** Of which process: api, worker:containment. */
  process: unknown;
}

export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** All that was sent, as text. */
  bodies: string[];
  requests: { path: string; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

/** A collector of OpenTelemetry's. hangs: takes everything and never answers. */
export async function startOtlpReceiver({ hangs = false } = {}): Promise<OtlpReceiver> {
  const received: Pick<OtlpReceiver, "spans" | "bodies" | "requests"> = { spans: [], bodies: [], requests: [] };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    received.requests.push({ path: request.url ?? "", headers: request.headers });
    received.bodies.push(text);
    if (hangs) return;
    received.spans.push(...spansOf(JSON.parse(text)));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const kinds = ["", "internal", "server", "client", "producer", "consumer"];

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  links?: { traceId: string }[];
  status?: { code?: number };
}
interface OtlpRequest {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

function spansOf({ resourceSpans }: OtlpRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = "", name, kind, attributes, links = [], status }) => ({
        ...{ traceId, spanId, parentSpanId, name },
        kind: kinds[kind] ?? "",
        attributes: plain(attributes),
        links: links.map((link) => link.traceId),
        isError: status?.code === 2,
        process: plain(resource.attributes)["tourniquet.process"],
      })),
    ),
  );
}

const plain = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
