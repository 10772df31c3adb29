import { describeError, isTransient } from "../errors.ts";
import { canonicalJson, sha256 } from "./ledger.ts";

/**
 * The audit trail (mission O6): every change that a person made through API, console or command line, with who made it. Lines are
 * numbered from 1 without gaps and hash-chained, and a change is written down before it is made: what cannot be recorded is not
 * done. Throws redis-unavailable, redis-full.
 */
export interface AuditTrail {
  /** Answers the number of its line. */
  begin(change: Change): Promise<number>;
  /** How the change of that line ended, in a line of its own. */
  end(number: number, outcome: Outcome): Promise<void>;
  /** Newest first; before: only of smaller numbers. */
  list(limit: number, before?: number): Promise<readonly AuditedChange[]>;
  /** Oldest first from this number on, as they are chained; for export and verification. */
  lines(from: number, limit: number): Promise<readonly AuditLine[]>;
}

/** A change about to be made. */
export interface Change {
  /** The person, as the credential or the order says; null where neither does. */
  by: string | null;
  /** agent, viewer, responder or admin; "operator": whoever may run commands on a machine with access to Redis. */
  role: string;
  /** What proved it, in words that may be kept: "environment ADMIN_TOKEN", a token's or session's id, a user of the machine. */
  credential: string;
  via: "api" | "console" | "cli";
  /** What the API calls it (operationId), on the command line too. */
  action: string;
  /** What it was done to: an incident, an agent; empty where it concerns all. */
  target: string;
  /** What was ordered, as JSON, without secrets. */
  fields: Readonly<Record<string, unknown>>;
}

/** ok: done, or asked of a worker; refused: nothing was changed; failed: it may have been done in part. */
export interface Outcome {
  result: "ok" | "refused" | "failed";
  /** A status, or what kind of problem. */
  detail: string;
}

/** One change as people read it; outcome null: under way, or its process died before it could say. */
export interface AuditedChange extends Change {
  number: number;
  /** Redis time in milliseconds. */
  at: number;
  outcome: (Outcome & { at: number }) | null;
}

/** One line of the chain; hash is that of `auditHash`. */
export interface AuditLine {
  number: number;
  at: number;
  entry: { begins: Change } | { ends: number; outcome: Outcome };
  hash: string;
}

/** What stands for the hash before the first line. */
export const AUDIT_ROOT = "tourniquet audit trail";

/** SHA-256 over the hash of the line before, a line feed, and the line without its hash as canonical JSON (RFC 8785). */
export function auditHash(previous: string, { number, at, entry }: Omit<AuditLine, "hash">): string {
  return sha256(`${previous}\n${canonicalJson({ number, at, entry })}`);
}

/**
 * Makes a change under the trail: its line first, then the change, then how it ended. An end that cannot be written is told to
 * `unsaid` and changes nothing for whoever asked: what they ordered was done.
 */
export async function audited<T>(
  audit: Pick<AuditTrail, "begin" | "end">,
  change: Change,
  act: () => Promise<T>,
  { outcomeOf, unsaid }: { outcomeOf(answer: T): Outcome; unsaid(error: unknown, number: number): void },
): Promise<T> {
  const number = await audit.begin(change);
  const end = (outcome: Outcome) => audit.end(number, outcome).catch((error: unknown) => unsaid(error, number));
  try {
    const answer = await act();
    await end(outcomeOf(answer));
    return answer;
  } catch (error) {
    const { code } = describeError(error);
    await end({ result: isTransient(error) ? "failed" : "refused", detail: code });
    throw error;
  }
}

const iso = (at: number): string => new Date(at).toISOString();

export function presentAuditedChange({ outcome, ...change }: AuditedChange) {
  return { ...change, at: iso(change.at), outcome: outcome && { ...outcome, at: iso(outcome.at) } };
}
