import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { jsonText } from "./well-formed.ts";

/**
 * The ledger of an incident (F5, G16): every decision, call and outcome, appended by Redis in the very act that the line is about
 * (redis/ledger.lua), each line chained to the one before by a hash, and the hashes signed within a minute.
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

/** What a signature says: at `at` (Redis time) the ledger of this incident ended with entry `seq`, whose hash is `head`. */
export interface Checkpoint {
  format: "tourniquet-checkpoint/1";
  incident: string;
  seq: number;
  head: string;
  at: number;
  /** Fingerprint of the public key (learn/ledger/signing.ts). */
  keyId: string;
  /** Ed25519 over the canonical JSON of all of the above, base64. */
  signature: string;
}

/** As Redis has it, read in one act; whether it still fits together is for whoever verifies it to say. */
export interface StoredLedger {
  lines: readonly string[];
  /** hashes[n] is that of entry n + 1. */
  hashes: readonly string[];
  checkpoints: readonly Checkpoint[];
  /** Digest -> canonical JSON of what was too long for a line. */
  texts: Readonly<Record<string, string>>;
  /** Part -> canonical JSON of the evidence. */
  evidence: Readonly<Record<string, string>>;
}

export interface Ledgers {
  read(incidentId: string): Promise<StoredLedger>;
  /** Hashes what was appended since the last time. Any number may do so at once: it is the same hashes. Answers where the chain ends. */
  seal(incidentId: string): Promise<{ seq: number; head: string }>;
  lastCheckpoint(incidentId: string): Promise<Checkpoint | null>;
  /** False where the entry that it signs for has another hash by now, or is covered by another checkpoint. */
  keepCheckpoint(checkpoint: Checkpoint): Promise<boolean>;
  /** Nothing more is to be signed of it until something is appended: it is not what was signed before. */
  giveUp(incidentId: string): Promise<void>;
  /** Incidents with entries that no checkpoint covers, those first whose signature is due first. */
  unsigned(partition: number, limit: number): Promise<readonly { incidentId: string; dueAt: number }[]>;
  /** Keeps the offered private key where there is none yet; answers the one that stands. PEM. */
  ownKey(offered: string): Promise<string>;
  rememberPublicKey(keyId: string, pem: string): Promise<void>;
  /** Key id -> PEM, of every key that ever signed. */
  publicKeys(): Promise<Readonly<Record<string, string>>>;
}

/** A longer detail makes a ledger that nobody can read: the line keeps its digest, and the export brings the text along. */
const LONGEST = 1_000;

/**
 * JSON as RFC 8785 has it: the same value is the same text, whoever writes it. Half a surrogate pair, which it knows no text
 * for, becomes U+FFFD. Throws on what JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  return canonicalize(JSON.parse(jsonText(value))) as string;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What the ledger keeps of a detail: the detail itself, or its size in bytes and its digest where it is long. */
export function keptInLedger(canonicalDetail: string): string {
  return Buffer.byteLength(canonicalDetail) <= LONGEST ? canonicalDetail : canonicalJson(digestOf(canonicalDetail));
}

/** Stands in a line for a text that is elsewhere. */
export function digestOf(text: string): { bytes: number; sha256: string } {
  return { bytes: Buffer.byteLength(text), sha256: sha256(text) };
}

/** The hash of one line: of the hash before it and the line; the incident's id stands for the one before the first. */
export function linkHash(previous: string, line: string): string {
  return sha256(`${previous}\n${line}`);
}
