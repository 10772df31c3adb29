import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/**
 * The two ways a webhook proves who sent it: the gateway's own `X-A2A-Signature`, which covers the body and nothing else
 * (so a replay looks like the original), and Standard Webhooks, which also covers id and time. Both run over the raw
 * bytes: whoever parses and prints the body again before verifying verifies something the sender never signed.
 * Values: guarantees.md section 7.
 */
export type Verdict = { ok: true; secretIndex: number } | { ok: false; reason: Refusal };

export type Refusal =
  | "no-secret"
  | "signature-missing"
  | "signature-malformed"
  | "id-malformed"
  | "timestamp-malformed"
  | "timestamp-out-of-window"
  | "signature-mismatch";

export interface StandardHeaders {
  id: string | undefined;
  timestamp: string | undefined;
  signature: string | undefined;
}

/** Seconds a signed timestamp may be off in either direction; the Standard Webhooks libraries use the same. */
export const TOLERANCE_SEC = 300;

const HEX_MAC = /^[0-9a-f]{64}$/;
/** 32 bytes in base64, canonical: the 43rd character carries two bits that decode to nothing, so they must be zero. */
const BASE64_MAC = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** No dot: the signed text is `id.timestamp.body`, and a dot in the id would let two deliveries share one text. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^\d{1,12}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** 64 lowercase hex digits, no prefix. The secret is used as the UTF-8 it is written in. */
export function signA2a(secret: string, rawBody: Uint8Array | string): string {
  return a2aMac(secret, rawBody).toString("hex");
}

export function verifyA2a(
  secrets: readonly string[],
  rawBody: Uint8Array | string,
  header: string | undefined,
): Verdict {
  if (!header) return refused("signature-missing");
  // Before decoding: Buffer.from(text, "hex") stops silently at the first character that is not hex.
  if (!HEX_MAC.test(header)) return refused("signature-malformed");
  const claimed = Buffer.from(header, "hex");
  return firstMatch(
    secrets.map((secret) => a2aMac(secret, rawBody)),
    [claimed],
  );
}

/** One entry of a `webhook-signature` header: `v1,` and base64. */
export function signStandard(secret: string, id: string, timestampSec: number, rawBody: Uint8Array | string): string {
  return `v1,${standardMac(secret, id, String(timestampSec), rawBody).toString("base64")}`;
}

/** The header may hold several signatures, which is how a sender rotates its secret; one good one is enough. */
export function verifyStandard(
  secrets: readonly string[],
  headers: StandardHeaders,
  rawBody: Uint8Array | string,
  nowMs: number,
): Verdict {
  const { id, timestamp, signature } = headers;
  if (!signature) return refused("signature-missing");
  if (id === undefined || !ID.test(id)) return refused("id-malformed");
  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) return refused("timestamp-malformed");
  if (!(Math.abs(nowMs - Number(timestamp) * 1000) <= TOLERANCE_SEC * 1000)) return refused("timestamp-out-of-window");
  const claimed = readSignatures(signature);
  if (claimed.length === 0) return refused("signature-malformed");
  return firstMatch(
    secrets.map((secret) => standardMac(secret, id, timestamp, rawBody)),
    claimed,
  );
}

/** The bytes a Standard Webhooks secret stands for. RangeError if empty or `whsec_` without base64: config checks with it. */
export function standardKey(secret: string): Buffer {
  if (!secret.startsWith("whsec_")) return utf8Key(secret);
  const encoded = secret.slice("whsec_".length);
  if (encoded === "" || !BASE64.test(encoded)) throw new RangeError("a whsec_ secret must continue in base64");
  return Buffer.from(encoded, "base64");
}

/** Whether a secret is what its form promises: base64 after `whsec_`. One that is not still works, its characters being the key. */
export function isStandardSecret(secret: string): boolean {
  return !secret.startsWith("whsec_") || BASE64.test(secret.slice("whsec_".length));
}

function utf8Key(secret: string): Buffer {
  // An empty key makes a signature that anybody can compute.
  if (secret === "") throw new RangeError("a webhook secret must not be empty");
  return Buffer.from(secret, "utf8");
}

/** Entries of other versions are skipped, as the standard asks, so that a sender may add one. */
function readSignatures(header: string): Buffer[] {
  const encoded = header.split(" ").flatMap((entry) => (entry.startsWith("v1,") ? [entry.slice(3)] : []));
  return encoded.filter((text) => BASE64_MAC.test(text)).map((text) => Buffer.from(text, "base64"));
}

function standardMac(secret: string, id: string, timestamp: string, rawBody: Uint8Array | string): Buffer {
  const key = keyOf(`standard ${secret}`, () => (isStandardSecret(secret) ? standardKey(secret) : utf8Key(secret)));
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(rawBody).digest();
}

function a2aMac(secret: string, rawBody: Uint8Array | string): Buffer {
  const key = keyOf(`a2a ${secret}`, () => utf8Key(secret));
  return createHmac("sha256", key).update(rawBody).digest();
}

/** Keys made once: handing createHmac a Buffer costs 17 us a call, a key that exists already 3 (measured, 388-byte body). */
const keys = new Map<string, KeyObject>();
const MAX_KEYS = 64;

function keyOf(name: string, bytes: () => Buffer): KeyObject {
  let key = keys.get(name);
  if (key === undefined) {
    key = createSecretKey(bytes());
    // More than a few secrets are a test or a mistake; starting over is cheaper than keeping count of who is old.
    if (keys.size >= MAX_KEYS) keys.clear();
    keys.set(name, key);
  }
  return key;
}

/** Compares everything with everything: the time taken must not tell which secret or which signature was right. */
function firstMatch(expected: readonly Buffer[], claimed: readonly Buffer[]): Verdict {
  if (expected.length === 0) return refused("no-secret");
  let secretIndex = -1;
  for (const [index, own] of expected.entries()) {
    for (const theirs of claimed) {
      const same = timingSafeEqual(own, theirs);
      if (same && secretIndex < 0) secretIndex = index;
    }
  }
  return secretIndex < 0 ? refused("signature-mismatch") : { ok: true, secretIndex };
}

function refused(reason: Refusal): Verdict {
  return { ok: false, reason };
}
