import { firstBadEntry } from "./bad-entry.ts";
import {
  type Anchor,
  badAnchor,
  badAttachment,
  badCheckpoint,
  badName,
  badStatement,
  badText,
  firstOf,
  type KeysFrom,
  trustedKeys,
} from "./bad-part.ts";
import { readBundle } from "./read-bundle.ts";

export interface VerifyOptions {
  /** PEM texts: then no other key counts. Left out: those inside the file. */
  keys?: readonly string[];
  /** What a log line `ledger.checkpoint` said, outside of the file and of Redis. */
  anchors?: readonly Anchor[];
}

export type Verdict =
  | { verdict: "no-ledger"; why: string }
  | {
      verdict: "whole" | "changed";
      /** Each names one thing; the first bad entry comes first. Empty: whole. */
      problems: readonly string[];
      incident: string;
      entries: number;
      head: string;
      checkpoints: number;
      exportedAt: number | null;
      /** Fingerprints of those that signed. */
      keyIds: readonly string[];
      keysFrom: KeysFrom;
    };

/**
 * Recomputes everything in an exported ledger: order, hashes, signatures, digests. Needs the file alone. Each part answers its
 * first problem: what follows from one change is not told as many.
 */
export function verifyLedger(text: string, { keys, anchors = [] }: VerifyOptions = {}): Verdict {
  const read = readBundle(text);
  if (read.is === "no-ledger") return { verdict: "no-ledger", why: read.why };
  const unknown = { incident: "", entries: 0, head: "", checkpoints: 0, exportedAt: null, keyIds: [] };
  const keysFrom = keys ? "given" : "file";
  if (read.is === "damaged") return { verdict: "changed", problems: [read.how], ...unknown, keysFrom };
  const { bundle } = read;
  const { trusted, problem } = trustedKeys(bundle, keys);
  const found = [
    badName(bundle),
    firstBadEntry(bundle),
    problem,
    firstOf(bundle.checkpoints, (one, index) => badCheckpoint(bundle, one, index + 1, trusted, keysFrom)),
    badAttachment(bundle),
    badStatement(bundle, trusted, keysFrom),
    firstOf(anchors, (anchor) => badAnchor(bundle, anchor)),
  ].filter((one) => one !== null);
  const problems = found.length === 0 ? [badText(bundle, text)].filter((one) => one !== null) : found;
  return {
    verdict: problems.length === 0 ? "whole" : "changed",
    problems,
    incident: bundle.incident,
    entries: bundle.entries.length,
    head: bundle.entries.at(-1)?.hash ?? "",
    checkpoints: bundle.checkpoints.length,
    exportedAt: bundle.statement?.at ?? null,
    keyIds: [
      ...new Set([...bundle.checkpoints, ...(bundle.statement ? [bundle.statement] : [])].map(({ keyId }) => keyId)),
    ],
    keysFrom,
  };
}
