/** Values of a span; undefined ones are left out. Ids and names only: no secret, no body, no text of somebody else's. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | null>>;

export interface SpanOf {
  name: string;
  kind: "server" | "consumer" | "client";
  /** W3C traceparent of what led to it, where that is elsewhere; left out: what runs now, or nothing. */
  parent?: string | undefined;
  /** W3C traceparent of what is connected to it and shall not own it. */
  link?: string | undefined;
  attributes?: Attributes;
}

/** One trace from a webhook through jobs to calls of the gateway (O5). Nothing here throws or waits for whoever receives it. */
export interface Tracing {
  /** Does the work as one span; what it throws marks the span and is thrown on. */
  span<T>(span: SpanOf, work: () => Promise<T>): Promise<T>;
  /** Adds to the span that runs now. */
  note(attributes: Attributes): void;
  /** W3C traceparent of the span that runs now: what a job or a stored event carries on. */
  traceparent(): string | undefined;
  /** Of the span that runs now, for the log. */
  traceId(): string | undefined;
  /** Sends what is left, within half a second. */
  close(): Promise<void>;
}

/** Where nobody receives traces: costs a call. */
export const untraced: Tracing = {
  span: (_span, work) => work(),
  note: () => undefined,
  traceparent: () => undefined,
  traceId: () => undefined,
  close: async () => undefined,
};
