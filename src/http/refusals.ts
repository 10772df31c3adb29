import type { Problem } from "./problem.ts";

/** Why a signed delivery is not taken, as its sender is told. */
export const MAX_BODY_BYTES = 65_536;

export const wrongType: Problem = {
  status: 415,
  kind: "unsupported-media-type",
  detail: "Send application/json in UTF-8.",
  headers: { "accept-post": "application/json" },
};
export const compressed: Problem = {
  status: 415,
  kind: "unsupported-encoding",
  detail: "Send the body uncompressed.",
  headers: { "accept-encoding": "identity" },
};
export const tooLarge: Problem = {
  status: 413,
  kind: "too-large",
  detail: `A body may have at most ${MAX_BODY_BYTES} bytes.`,
};
/** One answer for every reason: which part was wrong is nobody's business but ours. */
export const unauthentic: Problem = {
  status: 401,
  kind: "unauthentic",
  detail: "No valid signature: X-A2A-Signature, or webhook-id, webhook-timestamp and webhook-signature.",
  headers: { "www-authenticate": "Signature" },
};

export function malformed(errors: Problem["errors"] & object): Problem {
  return {
    status: 400,
    kind: "malformed",
    detail: "The body is not readable as JSON. It was kept for inspection.",
    errors,
  };
}

export function invalid(errors: Problem["errors"] & object): Problem {
  const detail = "The event lacks something or says it in a form we do not know. It was kept for inspection.";
  return { status: 422, kind: "invalid-event", detail, errors };
}

export function tooMany(reason: string, retryAfterSec: number): Problem {
  return {
    status: 429,
    kind: "flood",
    detail: `Refused: ${reason}.`,
    headers: { "retry-after": String(retryAfterSec) },
  };
}
