import { TourniquetError } from "../../errors.ts";
import { AUDIT_TRAIL } from "../../incident/audit.ts";
import { canonicalJson, type LedgerEntry, type StoredLedger } from "../../incident/ledger.ts";
import type { Incidents } from "../../incident/ports.ts";
import {
  type Attachment,
  type Bundle,
  type BundleEntry,
  digestOfPart,
  FORMAT,
  referencesOf,
  serialize,
} from "./bundle.ts";
import { type CheckpointPorts, checkpoint } from "./checkpoint.ts";

export interface ExportLedgerPorts extends CheckpointPorts {
  incidents: Pick<Incidents, "load">;
}

/**
 * The whole ledger of one incident, or the audit trail, as a file that verifies anywhere. What somebody changed in Redis is exported as it is found:
 * whether it fits together is for `verify` to say. Throws not-found.
 */
export async function exportLedger(ports: ExportLedgerPorts, incidentId: string): Promise<string> {
  if (incidentId !== AUDIT_TRAIL && !(await ports.incidents.load(incidentId)))
    throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  await checkpoint(ports, incidentId);
  const [stored, publicKeys, signer] = await Promise.all([
    ports.ledgers.read(incidentId),
    ports.ledgers.publicKeys(),
    ports.signer(),
  ]);
  const entries = entriesOf(stored);
  const checkpoints = stored.checkpoints;
  const ids = [...new Set([...checkpoints.map(({ keyId }) => keyId), signer.keyId])];
  const keys = ids.map((keyId) => ({ keyId, pem: publicKeys[keyId] ?? "" }));
  const attachments = attachmentsOf(entries, stored);
  const bundle = { format: FORMAT, incident: incidentId, entries, checkpoints, keys, attachments } as const;
  const statement: Bundle["statement"] = signer.sign({
    format: "tourniquet-statement/1",
    incident: incidentId,
    entries: entries.length,
    head: entries.at(-1)?.hash ?? incidentId,
    checkpoints: digestOfPart(checkpoints),
    keys: digestOfPart(keys),
    attachments: digestOfPart(attachments),
    at: await ports.clock.now(),
  } as const);
  return serialize({ ...bundle, statement });
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
