import { type Checkpoint, canonicalJson, type LedgerEntry, sha256 } from "../../incident/ledger.ts";

export const FORMAT = "tourniquet-ledger/1";

/** An entry with the hash that stands for it and all before it; `line` instead where Redis holds what is no entry. */
export type BundleEntry = { hash: string; entry: LedgerEntry } | { hash: string; line: string };

/** A text of which the ledger keeps only the digest: SHA-256 of its canonical JSON. */
export interface Attachment {
  name: string;
  sha256: string;
  content: unknown;
}

/** Says how all of the file ends, so that nothing can be cut off it, the last checkpoints included. */
export interface Statement {
  format: "tourniquet-statement/1";
  incident: string;
  entries: number;
  head: string;
  /** SHA-256 of the canonical JSON of each of these parts of the file. */
  checkpoints: string;
  keys: string;
  attachments: string;
  /** When it was exported; Redis time in milliseconds. */
  at: number;
  keyId: string;
  signature: string;
}

/** What `ledger export` writes. */
export interface Bundle {
  format: typeof FORMAT;
  incident: string;
  entries: readonly BundleEntry[];
  checkpoints: readonly Checkpoint[];
  /** Public keys, PEM. */
  keys: readonly { keyId: string; pem: string }[];
  attachments: readonly Attachment[];
  statement: Statement;
}

/** One element a line, each in canonical JSON: the same bundle is the same bytes, and a difference is found by line. */
export function serialize(bundle: Omit<Bundle, "statement"> & { statement?: Statement | undefined }): string {
  const list = (name: string, items: readonly unknown[]) =>
    `${JSON.stringify(name)}: [${items.map((item) => `\n${canonicalJson(item)}`).join(",")}\n]`;
  const parts = [
    `"format": ${JSON.stringify(bundle.format)}`,
    `"incident": ${canonicalJson(bundle.incident)}`,
    list("entries", bundle.entries),
    list("checkpoints", bundle.checkpoints),
    list("keys", bundle.keys),
    list("attachments", bundle.attachments),
  ];
  const file = `{\n${parts.join(",\n")}${END}`;
  return bundle.statement ? withStatement(file, bundle.statement) : file;
}

/** file: serialized without one. */
export function withStatement(file: string, statement: Statement): string {
  return `${file.slice(0, -END.length)},\n"statement": ${canonicalJson(statement)}${END}`;
}

const END = "\n}\n";

export const digestOfPart = (part: readonly unknown[]): string => sha256(canonicalJson(part));

/** Texts that this entry keeps only the digest of: its whole detail, or one part of it. */
export function referencesOf({ seq, what, detail }: LedgerEntry): { name: string; sha256: string }[] {
  const name = what === "evidence-kept" ? `evidence/${String(detail.part)}` : `${what}/${seq}`;
  return [detail, ...Object.values(detail)].filter(isDigest).map((digest) => ({ name, sha256: digest.sha256 }));
}

function isDigest(value: unknown): value is { bytes: number; sha256: string } {
  if (typeof value !== "object" || value === null) return false;
  return (
    Object.keys(value).sort().join() === "bytes,sha256" &&
    /^[0-9a-f]{64}$/.test(String((value as { sha256: unknown }).sha256))
  );
}
