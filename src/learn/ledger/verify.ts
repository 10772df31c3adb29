import type { KeyObject } from "node:crypto";
import { type Checkpoint, canonicalJson, sha256 } from "../../incident/ledger.ts";
import { firstBadEntry } from "./bad-entry.ts";
import { type Bundle, digestOfPart, referencesOf, serialize } from "./bundle.ts";
import { readBundle } from "./read-bundle.ts";
import { isSignedBy, readPublicKeys } from "./signing.ts";

export interface VerifyOptions {
  /** PEM texts: then no other key counts. Left out: those inside the file. */
  keys?: readonly string[];
  /** What a log line `ledger.checkpoint` said, outside of the file and of Redis. */
  anchors?: readonly Anchor[];
}

export interface Anchor {
  seq: number;
  hash: string;
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
      keysFrom: "given" | "file";
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

type Part = Omit<Bundle, "statement"> & { statement?: Bundle["statement"] | undefined };
type Keys = ReadonlyMap<string, KeyObject>;

function firstOf<T>(items: readonly T[], problemOf: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item, index);
    if (problem !== null) return problem;
  }
  return null;
}

const timeOf = (ms: number): string =>
  Number.isSafeInteger(ms) && ms < 8e15 ? new Date(ms).toISOString() : String(ms);

function badName({ incident, statement }: Part): string | null {
  if (!statement || statement.incident === incident) return null;
  return `the file says it is about ${incident}, its statement is about ${statement.incident}`;
}

function trustedKeys({ keys }: Part, given: readonly string[] | undefined): { trusted: Keys; problem: string | null } {
  if (given) return { trusted: new Map(given.flatMap((pem) => [...readPublicKeys(pem)])), problem: null };
  const trusted = new Map<string, KeyObject>();
  const problem = firstOf(keys, ({ keyId, pem }) => {
    const read = keysIn(pem);
    const key = read?.get(keyId);
    if (key) trusted.set(keyId, key);
    return key ? null : `the public key in the file under ${keyId} is ${read ? "another one" : "none"}`;
  });
  return { trusted, problem };
}

function keysIn(pem: string): Keys | null {
  try {
    return readPublicKeys(pem);
  } catch {
    return null;
  }
}

/** Null where one of the trusted keys signed it. */
function badSignature(what: string, said: Checkpoint | Bundle["statement"], trusted: Keys, from: "given" | "file") {
  const key = trusted.get(said.keyId);
  if (!key)
    return from === "given"
      ? `${what} is signed by key ${said.keyId}, which --key did not give`
      : `${what} is signed by key ${said.keyId}, which is not in the file`;
  return isSignedBy(key, said)
    ? null
    : `the signature of ${what} is not by key ${said.keyId}: it was changed, or never signed`;
}

function badCheckpoint(bundle: Part, said: Checkpoint, number: number, trusted: Keys, from: "given" | "file") {
  const what = `checkpoint ${number} (${timeOf(said.at)})`;
  const unsigned = badSignature(what, said, trusted, from);
  if (unsigned !== null) return unsigned;
  if (said.incident !== bundle.incident) return `${what} is of another incident, ${said.incident}`;
  const before = bundle.checkpoints[number - 2];
  if (before && before.seq >= said.seq) return `${what} does not come after the one before it`;
  if (said.seq > bundle.entries.length)
    return `the file ends at entry ${bundle.entries.length}, ${what} says that there were ${said.seq}`;
  return bundle.entries[said.seq - 1]?.hash === said.head
    ? null
    : `what stands up to entry ${said.seq} is not what ${what} signed: it was rewritten, with its hashes`;
}

function badAttachment(bundle: Part): string | null {
  const wanted = bundle.entries.flatMap((each) =>
    "entry" in each ? referencesOf(each.entry).map((reference) => ({ ...reference, seq: each.entry.seq })) : [],
  );
  const changed = firstOf(bundle.attachments, ({ name, sha256: said, content }) => {
    if (sha256(canonicalJson(content)) !== said) return `attachment ${name} differs from its digest: it was changed`;
    const isNamed = wanted.some((reference) => reference.name === name && reference.sha256 === said);
    return isNamed ? null : `attachment ${name} is not what any entry names`;
  });
  if (changed !== null) return changed;
  return firstOf(wanted, ({ name, sha256: digest, seq }) =>
    bundle.attachments.some((one) => one.name === name && one.sha256 === digest)
      ? null
      : `attachment ${name}, which entry ${seq} names, is missing`,
  );
}

function badStatement(bundle: Part, trusted: Keys, from: "given" | "file"): string | null {
  const { statement, entries, checkpoints, keys, attachments } = bundle;
  if (!statement) return "the statement is missing: nothing says how the file ended when it was exported";
  const unsigned = badSignature("the statement", statement, trusted, from);
  if (unsigned !== null) return unsigned;
  if (statement.entries !== entries.length)
    return `the file ends at entry ${entries.length}, its statement says that there were ${statement.entries}`;
  if (statement.head !== (entries.at(-1)?.hash ?? bundle.incident))
    return "the last entry is not the one that the statement signed";
  const parts = { checkpoints, keys, attachments } as const;
  return firstOf(Object.entries(parts), ([name, part]) =>
    digestOfPart(part) === statement[name as keyof typeof parts]
      ? null
      : `the ${name} are not those that the statement signed: one was removed, added or changed`,
  );
}

function badAnchor({ entries }: Part, { seq, hash }: Anchor): string | null {
  if (seq > entries.length) return `the file ends at entry ${entries.length}, the anchor says that there were ${seq}`;
  return entries[seq - 1]?.hash === hash
    ? null
    : `what stands up to entry ${seq} is not what the anchor says: it was rewritten after ${seq}:${hash.slice(0, 16)}… was logged, whoever signed it`;
}

/** The same content, but not the same bytes. */
function badText(bundle: Part, text: string): string | null {
  const lines = serialize(bundle).split("\n");
  const found = text.split("\n");
  const at = found.findIndex((line, index) => line !== lines[index]);
  if (at === -1 && found.length === lines.length) return null;
  return `line ${at === -1 ? found.length : at + 1} of the file is written otherwise than an export writes it`;
}
