import { describeError, isTransient, saysNothingWasDone } from "../errors.ts";

/**
 * The audit trail (mission O6): every change that a person made through API, console or command line, with who made it. A change
 * is written down before it is made: what cannot be recorded is not done. It is a ledger of its own under the id AUDIT_TRAIL,
 * numbered, hash-chained, signed within a minute, exported and verified as an incident's (ledger.ts). Throws redis-unavailable,
 * redis-full.
 */
export interface AuditTrail {
  /** Answers the number of its entry. */
  begin(change: Change): Promise<number>;
  /** How the change of that entry ended, in an entry of its own. */
  end(number: number, outcome: Outcome): Promise<void>;
  /** Newest first; before: only of smaller numbers. */
  list(limit: number, before?: number): Promise<readonly AuditedChange[]>;
}

/** As a ledger it is named like an incident, of the partition that every product has. */
export const AUDIT_TRAIL = "audit-0";

/** A change about to be made. */
export interface Change {
  /** The person, as the credential or the order says; the role where neither does. Null only in lines of old. */
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
    const isInDoubt = isTransient(error) && !saysNothingWasDone(error);
    await end({ result: isInDoubt ? "failed" : "refused", detail: code });
    throw error;
  }
}

const iso = (at: number): string => new Date(at).toISOString();

export function presentAuditedChange({ outcome, ...change }: AuditedChange) {
  return { ...change, at: iso(change.at), outcome: outcome && { ...outcome, at: iso(outcome.at) } };
}
