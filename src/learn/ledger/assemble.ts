import { canonicalJson, type LedgerEntry, type StoredLedger } from "../../incident/ledger.ts";
import {
  type Attachment,
  type Bundle,
  type BundleEntry,
  digestOfPart,
  FORMAT,
  referencesOf,
  serialize,
} from "./bundle.ts";

/** What an export is made of, as it lies in Redis. */
export interface ExportParts {
  incident: string;
  stored: StoredLedger;
  keys: Bundle["keys"];
}

export interface Assembled {
  /** The file without its statement. */
  file: string;
  /** What the statement says of the file. */
  said: Pick<Bundle["statement"], "incident" | "entries" | "head" | "checkpoints" | "keys" | "attachments">;
}

/** The part of an export that takes long, seconds for a large ledger; it needs nothing but its input, so any thread may do it. */
export function assemble({ incident, stored, keys }: ExportParts): Assembled {
  const entries = entriesOf(stored);
  const { checkpoints } = stored;
  const attachments = attachmentsOf(entries, stored);
  return {
    file: serialize({ format: FORMAT, incident, entries, checkpoints, keys, attachments }),
    said: {
      incident,
      entries: entries.length,
      head: entries.at(-1)?.hash ?? incident,
      checkpoints: digestOfPart(checkpoints),
      keys: digestOfPart(keys),
      attachments: digestOfPart(attachments),
    },
  };
}

/**
 * Each line with the hash that was kept for its number, so that one that is missing puts no other out of place. What was appended
 * while this export ran is left to the next one: it has no hash yet.
 */
function entriesOf({ lines, hashes }: StoredLedger): BundleEntry[] {
  const found = lines.map((line, index): BundleEntry => {
    const entry = entryOf(line);
    return entry ? { hash: hashes[entry.seq - 1] ?? "", entry } : { hash: hashes[index] ?? "", line };
  });
  return found.slice(0, found.findLastIndex(({ hash }) => hash !== "") + 1);
}

/** Null where the text is not what Redis wrote: not this product's canonical JSON. */
function entryOf(line: string): LedgerEntry | null {
  const value = parsed(line);
  if (typeof value !== "object" || value === null || canonicalJson(value) !== line) return null;
  const { seq, at, what, detail } = value as Partial<LedgerEntry>;
  const isEntry =
    Number.isInteger(seq) && Number.isInteger(at) && typeof what === "string" && typeof detail === "object";
  return isEntry && detail !== null ? (value as LedgerEntry) : null;
}

function attachmentsOf(entries: readonly BundleEntry[], { texts, evidence }: StoredLedger): Attachment[] {
  return entries.flatMap((each) =>
    "entry" in each
      ? referencesOf(each.entry).flatMap(({ name, sha256 }) => {
          const part = name.startsWith("evidence/") ? evidence[name.slice("evidence/".length)] : undefined;
          const text = part ?? texts[sha256];
          return text === undefined ? [] : [{ name, sha256, content: parsed(text) ?? text }];
        })
      : [],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
