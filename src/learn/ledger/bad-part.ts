import type { KeyObject } from "node:crypto";
import { type Checkpoint, canonicalJson, sha256 } from "../../incident/ledger.ts";
import { type Bundle, digestOfPart, referencesOf, serialize } from "./bundle.ts";
import { isSignedBy, readPublicKeys } from "./signing.ts";

export interface Anchor {
  seq: number;
  hash: string;
}

/** An exported ledger as it was found. Each check below says in one sentence what is wrong with one part of it; null: nothing is. */
export type Part = Omit<Bundle, "statement"> & { statement?: Bundle["statement"] | undefined };
/** Where the keys come from that count. */
export type KeysFrom = "given" | "file";
export type Keys = ReadonlyMap<string, KeyObject>;

export function firstOf<T>(items: readonly T[], problemOf: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item, index);
    if (problem !== null) return problem;
  }
  return null;
}

/** ISO 8601; whoever changed the file may have written a time that is none. */
export const timeOf = (ms: number): string =>
  Number.isInteger(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);

export function badName({ incident, statement }: Part): string | null {
  if (!statement || statement.incident === incident) return null;
  return `the file says it is about ${incident}, its statement is about ${statement.incident}`;
}

export function trustedKeys(
  { keys }: Part,
  given: readonly string[] | undefined,
): { trusted: Keys; problem: string | null } {
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
function badSignature(what: string, said: Checkpoint | Bundle["statement"], trusted: Keys, from: KeysFrom) {
  const key = trusted.get(said.keyId);
  if (!key)
    return from === "given"
      ? `${what} is signed by key ${said.keyId}, which --key did not give`
      : `${what} is signed by key ${said.keyId}, which is not in the file`;
  return isSignedBy(key, said)
    ? null
    : `the signature of ${what} is not by key ${said.keyId}: it was changed, or never signed`;
}

export function badCheckpoint(bundle: Part, said: Checkpoint, number: number, trusted: Keys, from: KeysFrom) {
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

export function badAttachment(bundle: Part): string | null {
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

export function badStatement(bundle: Part, trusted: Keys, from: KeysFrom): string | null {
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

export function badAnchor({ entries }: Part, { seq, hash }: Anchor): string | null {
  if (seq > entries.length) return `the file ends at entry ${entries.length}, the anchor says that there were ${seq}`;
  return entries[seq - 1]?.hash === hash
    ? null
    : `what stands up to entry ${seq} is not what the anchor says: it was rewritten after ${seq}:${hash.slice(0, 16)}… was logged, whoever signed it`;
}

/** The same content, but not the same bytes. */
export function badText(bundle: Part, text: string): string | null {
  const lines = serialize(bundle).split("\n");
  const found = text.split("\n");
  const at = found.findIndex((line, index) => line !== lines[index]);
  if (at === -1 && found.length === lines.length) return null;
  return `line ${at === -1 ? found.length : at + 1} of the file is written otherwise than an export writes it`;
}
