import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/**
 * The ledger of an incident (F5, G16): every decision, call and outcome, each line chained to the one before by a hash that
 * Redis computes in the very act that the line is about (redis/ledger.lua).
 */
export interface LedgerEntry {
  seq: number;
  /** Redis time in milliseconds. */
  at: number;
  /** Absent for a call. */
  phase?: string;
  what: string;
  detail: Readonly<Record<string, unknown>>;
}

/** Longer details would hold Redis up while they are hashed: the ledger keeps their digest, and the export brings the text along. */
const LONGEST = 1_000;

/**
 * JSON as RFC 8785 has it: the same value is the same text, whoever writes it. Half a surrogate pair, which it knows no text
 * for, becomes U+FFFD. Throws on what JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  const wellFormed = (_: string, one: unknown) => (typeof one === "string" ? one.toWellFormed() : one);
  const text = canonicalize(JSON.parse(JSON.stringify(value), wellFormed));
  if (text === undefined) throw new RangeError("no JSON value");
  return text;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What the ledger keeps of a detail: the detail itself, or its size in bytes and its digest where it is long. */
export function keptInLedger(canonicalDetail: string): string {
  const bytes = Buffer.byteLength(canonicalDetail);
  return bytes <= LONGEST ? canonicalDetail : canonicalJson({ bytes, sha256: sha256(canonicalDetail) });
}

/** The hash of one line: of the hash before it and the line; the incident's id stands for the one before the first. */
export function linkHash(previous: string, line: string): string {
  return sha256(`${previous}\n${line}`);
}
