import { TourniquetError } from "../errors.ts";
import type { ActionKey, CallOptions } from "../incident/gateway.ts";
import { path } from "../outbound/path.ts";
import type { Call, Reader } from "./calls.ts";
import { record } from "./fields.ts";

export interface ToolCall {
  tool: string;
  agentId: string;
  input: Readonly<Record<string, unknown>>;
  actionKey?: ActionKey;
  options: CallOptions | undefined;
}

/** The seeds' form: every tool is POST {base}/v1 with its name and input. */
export function toolCall({ input, ...call }: ToolCall): Call {
  return { ...call, method: "POST", path: path`/v1`, body: { tool: call.tool, input } };
}

/**
 * The seeds answer with the bare result; others wrap it as `{result}` or report a failure with status 200. Such a failure
 * throws gateway-failed, which leaves a write unknown: whether anything was done before it failed, nobody says.
 */
export function result<T>(tool: string, reader: Reader<T>): Reader<T> {
  return (body) => {
    const envelope = record.safeParse(body).data;
    if (!envelope) return reader(body);
    if (envelope.success === false || envelope.ok === false || isErrorOnly(envelope)) {
      throw new TourniquetError("gateway-failed", `${tool}: the gateway reports a failure inside a 2xx answer`, {
        tool,
      });
    }
    return reader(typeof envelope.result === "object" && envelope.result !== null ? envelope.result : body);
  };
}

function isErrorOnly(envelope: Record<string, unknown>): boolean {
  return (
    Boolean(envelope.error) && Object.keys(envelope).every((key) => ["error", "code", "message", "tool"].includes(key))
  );
}

/** How gateways answer to a tool or a field they do not know. */
export function hasNoSuchThing(error: unknown): boolean {
  return error instanceof TourniquetError && [400, 404, 410, 422, 501].includes(Number(error.detail.status));
}

/** Throws not-found where the gateway has no such tool: that is not "there are none". */
export async function orNotShown<T>(tool: string, what: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!hasNoSuchThing(error)) throw error;
    throw new TourniquetError("not-found", `${tool}: this gateway shows no ${what}`, { tool }, error);
  }
}
