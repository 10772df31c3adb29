import { AsyncLocalStorage } from "node:async_hooks";
import type { Span, SpanContext, Tracer } from "@opentelemetry/api";
import type { Config } from "./config.ts";
import { describeError } from "./errors.ts";
import { type Attributes, type SpanOf, type Tracing, untraced } from "./incident/tracing.ts";
import { createLog, oncePerSecond } from "./log.ts";

/** How long an exporter may try; a receiver that hangs holds up nothing but later spans, which are dropped when 2,048 wait. */
const EXPORT_MS = 5_000;
/** A shutdown waits so long for the last spans to leave, whoever receives them. */
const LAST_WORDS_MS = 500;

/**
 * Sends spans to an OpenTelemetry collector over OTLP/HTTP. Where none is configured nothing is loaded. processName: which of
 * ours it is, such as worker:containment.
 */
export async function openTracing(
  { tracing: config, logLevel }: Pick<Config, "tracing" | "logLevel">,
  processName: string,
): Promise<Tracing> {
  if (config === undefined) return untraced;
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const log = createLog(logLevel, processName);
  const loud = oncePerSecond((error) => log.warn({ message: error.message }, "tracing.failed"));
  const hear = (message: string, ...rest: unknown[]) => loud(new Error([message, ...rest].map(inWords).join(" ")));
  const quiet = () => undefined;
  api.diag.setLogger({ error: hear, warn: hear, info: quiet, debug: quiet, verbose: quiet }, api.DiagLogLevel.WARN);
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint}/v1/traces`,
    headers: config.headers,
    timeoutMillis: EXPORT_MS,
  });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": config.serviceName, "tourniquet.process": processName }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000, exportTimeoutMillis: EXPORT_MS }),
    ],
  });
  const close = () => within(LAST_WORDS_MS, provider.shutdown());
  return { ...traceWith(api, provider.getTracer("tourniquet")), close };
}

/** No context is registered for the whole process: what runs now is known to this alone. */
function traceWith(api: typeof import("@opentelemetry/api"), tracer: Tracer): Omit<Tracing, "close"> {
  const running = new AsyncLocalStorage<Span>();
  const kinds = { server: api.SpanKind.SERVER, consumer: api.SpanKind.CONSUMER, client: api.SpanKind.CLIENT };
  const begin = ({ name, kind, parent, link, attributes = {} }: SpanOf): Span => {
    const led = (parent === undefined ? undefined : readTraceparent(parent)) ?? running.getStore()?.spanContext();
    const linked = link === undefined ? undefined : readTraceparent(link);
    const context = led ? api.trace.setSpanContext(api.ROOT_CONTEXT, led) : api.ROOT_CONTEXT;
    const links = linked ? [{ context: linked }] : [];
    return tracer.startSpan(name, { kind: kinds[kind], attributes: known(attributes), links, root: !led }, context);
  };
  return {
    span(of, work) {
      const span = begin(of);
      return running.run(span, async () => {
        try {
          return await work();
        } catch (error) {
          // Its message may hold what somebody else wrote; the log has it.
          span.setAttribute("error.type", describeError(error).code);
          span.setStatus({ code: api.SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    note: (attributes) => void running.getStore()?.setAttributes(known(attributes)),
    traceparent() {
      const context = running.getStore()?.spanContext();
      return context && `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, "0")}`;
    },
    traceId: () => running.getStore()?.spanContext().traceId,
  };
}

/** Undefined: not one that W3C Trace Context allows. */
export function readTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined || text.startsWith("ff")) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

function known(attributes: Attributes): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as Record<string, string | number | boolean>;
}

const inWords = (part: unknown): string => (part instanceof Error ? part.message : String(part)).slice(0, 300);

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, ms));
  await Promise.race([work.catch(() => undefined), late]);
}
