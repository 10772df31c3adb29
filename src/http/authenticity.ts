import type { IncomingHttpHeaders } from "node:http";
import { type Refusal, verifyA2a, verifyStandard } from "../greenhelix/signature.ts";

/** signedId: the `webhook-id` that the signature covers; null in the gateway's own scheme, which has none. */
export type Authenticity = { ok: true; signedId: string | null } | { ok: false; reason: Refusal };

/**
 * Whether one of our secrets signed these bytes (mission I2). A delivery that carries Standard Webhooks headers is held to
 * them alone, since they prove more: id and time. nowMs: our clock, milliseconds since 1970.
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  rawBody: Buffer,
  secrets: readonly string[],
  nowMs: number,
): Authenticity {
  const signature = single(headers["webhook-signature"]);
  if (signature === undefined) {
    const verdict = verifyA2a(secrets, rawBody, single(headers["x-a2a-signature"]));
    return verdict.ok ? { ok: true, signedId: null } : verdict;
  }
  const id = single(headers["webhook-id"]);
  const standard = { id, timestamp: single(headers["webhook-timestamp"]), signature };
  const verdict = verifyStandard(secrets, standard, rawBody, nowMs);
  return verdict.ok ? { ok: true, signedId: id ?? null } : verdict;
}

/** Node joins a repeated header of this kind with a comma, so it stays one text, which no signature matches. */
function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(", ") : header;
}
